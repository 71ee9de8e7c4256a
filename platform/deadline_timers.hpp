// The timers of a change that awaits confirmation: a clock that a new date does not move and that counts suspend, and
// processes that act at the deadline if nobody else does.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace twctl {

// The watchdog's name as a process.
inline constexpr const char* kWatchdogName = "twctl-watchdog";

class DeadlineTimers {
 public:
  DeadlineTimers() = default;
  DeadlineTimers(const DeadlineTimers&) = delete;
  DeadlineTimers& operator=(const DeadlineTimers&) = delete;
  virtual ~DeadlineTimers() = default;

  // Since boot, suspend included (CLOCK_BOOTTIME), as the host counts: the same in each of its time namespaces. Two
  // boots' times do not compare.
  [[nodiscard]] virtual std::chrono::nanoseconds now() = 0;
  virtual void sleep_until(std::chrono::nanoseconds time) = 0;

  // What decides here whether a process that this one leaves behind lives until a deadline. Looked at anew each time.
  struct Surroundings {
    bool path_unit_enabled = false;    // systemd may be expected to watch the state directory, by twctl-deadline.path
    bool path_unit_installed = false;  // systemd runs the host and has that unit: it could be enabled
    // Process 1 of a pid namespace other than the host's, where it is no init that outlives sessions: its end is that
    // of every process there. Its name, raw; "" where it cannot be seen. nullopt: it is such an init, or the host's.
    std::optional<std::string> mortal_init = {};
    // The unit of systemd's whose end is this process's: "cron.service", "session-3.scope"; raw. "" for none.
    std::string unit = {};
    friend bool operator==(const Surroundings&, const Surroundings&) = default;
  };
  [[nodiscard]] virtual Surroundings surroundings() = 0;

  // The process that started a watchdog, as the watchdog sees it.
  struct Starter {
    std::function<void()> release;  // lets its start_watchdog() come back
    std::function<void()> end;      // ends it, if it still runs (it may be stopped), and waits for its end
  };

  // Runs `body` in a process that outlives this one, its terminal, its session and its process group, and that holds
  // none of the descriptors that this one was started with. Comes back when body has called release(), or its process
  // has ended without, or after some seconds or a signal: whether a watchdog lives its lock alone shows. Error: failed
  // for want of descriptors or memory; refused, where the system lets nobody start a process.
  using Watch = std::function<void(const Starter&)>;
  [[nodiscard]] virtual Result<void> start_watchdog(const Watch& body) = 0;
};

}  // namespace twctl
