// A descriptor -> all of its bytes, within a limit.
#pragma once

#include <cstddef>
#include <string>

#include "platform/posix/system_error.hpp"

namespace twctl {

// Everything up to the end of the file, but no more than `limit` + 1 bytes: a longer result means "too large".
[[nodiscard]] OrErrno<std::string> read_bytes(int descriptor, std::size_t limit);

}  // namespace twctl
