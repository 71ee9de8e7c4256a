#include "platform/linux/listening_ports.hpp"

#include <algorithm>

namespace twctl {

// Listeners lie in a table of their own: the many other sockets are not walked.
Result<std::vector<int>> find_listening_ports(SocketSource& sockets) {
  std::vector<int> ports;
  const SocketSink sink{.restart = [&] { ports.clear(); },
                        .take =
                            [&](std::span<const Socket> piece) {
                              for (const Socket& socket : piece) ports.push_back(socket.local_port);
                            }};
  TRY_VOID(sockets.dump({.states = {TcpState::listen}}, sink));
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

}  // namespace twctl
