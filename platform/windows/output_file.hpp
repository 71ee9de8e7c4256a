// A user's own output file, replaced as a whole or not at all.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace twctl {

// Written beside and renamed over it; a link is refused, because whoever made it decides what would be overwritten. A
// device (NUL, CON) or a pipe is written into.
// Error: output.
[[nodiscard]] Result<void> replace_output(std::string_view path, std::string_view bytes);

}  // namespace twctl
