// Who runs twctl, when, and a name for what it does: the clock and the dice, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace twctl {

struct RunFacts {
  std::uint32_t uid = 0;
  std::optional<std::uint32_t> login_uid = {};  // /proc/self/loginuid: counts as who did it; nullopt: nobody logged in
  std::string sudo_user = {};                   // as claimed by the environment, raw
  std::string account = {};                     // Windows, which knows users by name: "Administrator", raw
  std::int64_t time = 0;                        // seconds since 1970, for people; nothing is decided by it
  friend bool operator==(const RunFacts&, const RunFacts&) = default;
};

}  // namespace twctl
