// Change -> the one line that the system's log gets of it: who, what, from what to what. Pure; printable.
#pragma once

#include <string>

#include "journal/change.hpp"

namespace twctl {

inline constexpr std::size_t kLogLineLimit = 900;  // bytes; syslog's oldest form holds 1024

// "apply 3f..: committed by login uid 1000 ...: net.ipv4.tcp_fin_timeout 60 -> 30, /etc/sysctl.d/60-twctl.conf"
[[nodiscard]] std::string change_line(const Change& change, const RunFacts& by);

// "recovery of 3f..: rolled back: ..."; "timeout of ..." for what was not confirmed in time
[[nodiscard]] std::string recovery_line(const Change& change, std::string_view deed, const RunFacts& by);

// "login uid 1000 as uid 0 (SUDO_USER says ann)"
[[nodiscard]] std::string who(const RunFacts& author);

}  // namespace twctl
