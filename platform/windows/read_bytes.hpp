// All that a handle has.
#pragma once

#include <cstddef>
#include <string>

#include "platform/windows/system_error.hpp"

namespace twctl {

// Everything up to the end, but no more than `limit` + 1 bytes: a longer result means "too large".
[[nodiscard]] OrCode<std::string> read_bytes(void* file, std::size_t limit);

}  // namespace twctl
