// Socket summary -> the table that `states` prints, and the picture that `--watch` redraws. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "diagnose/in_namespace.hpp"
#include "diagnose/socket_summary.hpp"
#include "platform/host_facts.hpp"
#include "report/layout.hpp"

namespace twctl {

// States without a socket are left out unless `verbose`; groups beyond the first twenty too.
[[nodiscard]] std::string states_text(const SocketSummary& summary, const HostFacts& host, const Screen& screen,
                                      Detail detail);

// One block for each network namespace.
[[nodiscard]] std::string states_all_text(const InNamespaces<CountedHost>& spaces, const Screen& screen, Detail detail);

// What was counted lately, oldest first.
using StateHistory = std::deque<StateCounts>;
inline constexpr std::size_t kLongestHistory = 120;

// What stands above a picture: whose sockets, at what time (seconds since 1970), what the marks mean and how to end it.
struct PictureHeading {
  HostFacts host;
  std::int64_t time = 0;
  std::int64_t interval = 1;  // seconds
};

// One picture of at most `lines` lines: the heading where there is room, each state with a line of its history, then as
// many groups as fit. nullptr: without a heading.
[[nodiscard]] std::string states_picture(const SocketSummary& summary, const StateHistory& history,
                                         const PictureHeading* heading, const Screen& screen, std::size_t lines);

// The numbers as one character each, relative to the largest: " .:-=+*#%@". Zero is a blank, and nothing else is.
[[nodiscard]] std::string sparkline(const StateHistory& history, TcpState state, std::size_t columns);

}  // namespace twctl
