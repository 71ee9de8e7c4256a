// The host's TCP sockets, from GetTcpTable and GetTcp6Table.
#pragma once

#include <memory>

#include "platform/socket_source.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<SocketSource> make_socket_source();

}  // namespace twctl
