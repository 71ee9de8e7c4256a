// Servers that have stopped on a port that connect() may choose as well: they are told by their connections. connect()
// gives a local port to each destination once, and few destinations have a port that clients have; the connections of a
// server have one local port and as many remote ones as there were clients. Pure.
#pragma once

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "diagnose/counts.hpp"

namespace twctl {

class StoppedServers {
 public:
  // A connection whose local port has no listener.
  void see(const Socket& socket, const LocalPorts& ports) {
    if (!may_be_a_client(socket, ports) || !ports.may_choose(socket.local_port)) return;
    remotes_[socket.local_port] |= 1U << (socket.remote_port % 32U);
  }

  // By what was seen; whether there is one that was not known before.
  bool learn() {
    const std::size_t before = known_->count();
    for (std::size_t port = 0; port < remotes_.size(); ++port) {
      if (std::popcount(remotes_[port]) >= kEnough) known_->set(port);
    }
    std::fill(remotes_.begin(), remotes_.end(), 0);
    return known_->count() > before;
  }

  [[nodiscard]] bool accepted(const Socket& socket) const {
    return socket.state != TcpState::syn_sent && known_->test(socket.local_port);
  }

 private:
  static constexpr int kEnough = 8;  // different remote ports

  static bool may_be_a_client(const Socket& socket, const LocalPorts& ports) {
    if (socket.state == TcpState::syn_sent || socket.state == TcpState::listen) return false;
    return is_beside(socket.local, socket.remote) ? ports.may_choose(socket.remote_port)
                                                  : socket.remote_port >= kChosenByClients;
  }

  // By local port, a bit for each remainder of its remote ports: no more bits than different ports.
  std::vector<std::uint32_t> remotes_ = std::vector<std::uint32_t>(65536);
  std::unique_ptr<std::bitset<65536>> known_ = std::make_unique<std::bitset<65536>>();
};

}  // namespace twctl
