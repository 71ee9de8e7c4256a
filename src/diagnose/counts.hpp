// Questions about counted sockets that several files have. Pure.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "platform/socket_source.hpp"

namespace twctl {

[[nodiscard]] inline std::uint64_t total_of(const StateCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

[[nodiscard]] inline std::uint64_t count_of(const StateCounts& counts, TcpState state) {
  return counts.at(static_cast<std::size_t>(state));
}

// Those that sockets are counted in, in the catalogue's order.
[[nodiscard]] inline std::vector<TcpState> counted_states() {
  std::vector<TcpState> states;
  for (const TcpStateRow& row : tcp_states()) {
    if (row.linux_number < static_cast<int>(kTcpStates)) states.push_back(static_cast<TcpState>(row.linux_number));
  }
  return states;
}

// "nginx (812)"
[[nodiscard]] inline std::string name_of(const SocketProcess& process) {
  return process.name + " (" + std::to_string(process.pid) + ")";
}

}  // namespace twctl
