// Which processes hold which sockets: a walk over the descriptors of every process that may be looked at.
#pragma once

#include <cstdint>
#include <span>

#include "platform/linux/root_files.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

// `proc`: the directory of a procfs. `inodes` ascending. A socket that several processes share (workers after a fork)
// is counted for the one with the lowest number.
[[nodiscard]] SocketOwners find_socket_owners(const Descriptor& proc, std::span<const std::uint32_t> inodes);

}  // namespace twctl
