// All of some bytes to a handle.
#pragma once

#include <string_view>

#include "platform/windows/system_error.hpp"

namespace twctl {

[[nodiscard]] OrCode<void> write_bytes(void* handle, std::string_view bytes);

}  // namespace twctl
