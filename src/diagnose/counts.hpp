// Questions about sockets and their counts that several files have. Pure.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "catalog/local_ports.hpp"
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

// Whether the peer is this host itself.
[[nodiscard]] inline bool is_beside(const IpAddress& local, const IpAddress& remote) {
  return is_loopback(remote) || remote == local;
}

// From here on the systems choose the port of a client: Linux from 32768, others from 49152.
inline constexpr int kChosenByClients = 32768;

// Of a connection whose local port has no listener, whether it was accepted all the same, by a server that has stopped:
// no connect() of this host has chosen the local port, and a client's may have chosen the other. `ports`: of this host.
// Of a local port that connect() may choose as well one connection does not tell: StoppedServers.
[[nodiscard]] inline bool was_accepted(const Socket& socket, const LocalPorts& ports) {
  const bool ports_known = ports.range.first <= ports.range.last;
  if (socket.state == TcpState::syn_sent || !ports_known || ports.may_choose(socket.local_port)) return false;
  return is_beside(socket.local, socket.remote) ? ports.may_choose(socket.remote_port)
                                                : socket.remote_port >= kChosenByClients;
}

// "nginx (812)"
[[nodiscard]] inline std::string name_of(const SocketProcess& process) {
  return process.name + " (" + std::to_string(process.pid) + ")";
}

}  // namespace twctl
