// The host's TCP sockets: counted with GetTcpTable and GetTcp6Table, listed with GetExtendedTcpTable.
#pragma once

#include <memory>

#include "platform/socket_source.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<SocketSource> make_socket_source();

}  // namespace twctl
