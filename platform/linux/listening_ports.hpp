// Local ports of listening TCP sockets in this network namespace.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

// Sorted, without duplicates, of IPv4 and IPv6. Error: unsupported, if the kernel tells in no way.
[[nodiscard]] Result<std::vector<int>> find_listening_ports(SocketSource& sockets);

}  // namespace twctl
