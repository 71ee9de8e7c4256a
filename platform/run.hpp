// One run of twctl: who runs it and when, chance, signals, and the log. The date and the dice come from here, as
// values; the clock that decides is DeadlineTimers::now().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace twctl {

struct RunFacts {
  std::uint32_t uid = 0;
  std::optional<std::uint32_t> login_uid = {};  // /proc/self/loginuid: counts as who did it; nullopt: nobody logged in
  std::string sudo_user = {};                   // as claimed by the environment, raw
  std::string account = {};                     // Windows, which knows users by name: "Administrator", raw
  std::int64_t time = 0;                        // seconds since 1970, for people; nothing is decided by it
  bool elevated = true;                         // root, or on Windows with an administrator's rights
  friend bool operator==(const RunFacts&, const RunFacts&) = default;
};

class Run {
 public:
  Run() = default;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  virtual ~Run() = default;

  [[nodiscard]] virtual RunFacts facts() = 0;

  // 128 random bits as 32 hexadecimal digits. Error: failed.
  [[nodiscard]] virtual Result<std::string> random_id() = 0;

  // Whether SIGINT, SIGTERM or SIGHUP has come since catch_interrupts(). One that was ignored when the program was
  // started stays ignored.
  [[nodiscard]] virtual bool interrupted() = 0;
  virtual void catch_interrupts() = 0;

  // One line for the system's log, as far as there is one; printable.
  virtual void log(const std::string& line) = 0;
};

}  // namespace twctl
