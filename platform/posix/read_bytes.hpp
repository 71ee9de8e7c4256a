// A descriptor -> all of its bytes, within a limit.
#pragma once

#include <cstddef>
#include <string>

#include "platform/posix/system_error.hpp"

namespace twctl {

// Everything up to the end of the file, but no more than `limit` + 1 bytes: a longer result means "too large". `size`:
// what the file system says it has, so that its end need not be asked for; 0: that says nothing, as in /proc.
[[nodiscard]] OrErrno<std::string> read_bytes(int descriptor, std::size_t limit, std::size_t size = 0);

}  // namespace twctl
