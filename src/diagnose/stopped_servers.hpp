// Servers that have stopped on a port that connect() may choose as well: they are told by their connections. connect()
// gives a local port to each destination once, and few destinations have a port that clients have; the connections of a
// server have one local port and as many remote ones as there were clients. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <memory>

#include "diagnose/bounded_table.hpp"
#include "diagnose/counts.hpp"

namespace twctl {

class StoppedServers {
 public:
  // A connection whose local port has no listener.
  void see(const Socket& socket, const LocalPorts& ports) {
    if (!may_be_a_client(socket, ports) || !ports.may_choose(socket.local_port)) return;
    if (Remotes* remotes = seen_.find_or_add({socket.local_port})) remotes->add(socket.remote_port);
  }

  // By what was seen; whether there is one that was not known before.
  bool learn() {
    const std::size_t before = known_->count();
    seen_.for_each([&](const Port& port, const Remotes& remotes) {
      if (remotes.count == kEnough) known_->set(port.number);
    });
    seen_.clear();
    return known_->count() > before;
  }

  [[nodiscard]] bool accepted(const Socket& socket) const {
    return socket.state != TcpState::syn_sent && known_->test(socket.local_port);
  }

 private:
  static constexpr std::uint16_t kEnough = 8;  // different remote ports

  struct Port {
    std::uint16_t number = 0;
    friend bool operator==(const Port&, const Port&) = default;
  };

  struct Remotes {
    std::array<std::uint16_t, kEnough> ports{};
    std::uint16_t count = 0;

    void add(std::uint16_t port) {
      auto* const end = ports.begin() + count;
      if (count < kEnough && std::find(ports.begin(), end, port) == end) ports.at(count++) = port;
    }
  };

  static bool may_be_a_client(const Socket& socket, const LocalPorts& ports) {
    if (socket.state == TcpState::syn_sent || socket.state == TcpState::listen) return false;
    return is_beside(socket.local, socket.remote) ? ports.may_choose(socket.remote_port)
                                                  : socket.remote_port >= kChosenByClients;
  }

  BoundedTable<Port, Remotes> seen_{65536};
  std::unique_ptr<std::bitset<65536>> known_ = std::make_unique<std::bitset<65536>>();
};

}  // namespace twctl
