// A user's own output file, replaced as a whole or not at all.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace twctl {

// A regular file is replaced by rename; on Linux a new one is mode 0600, and one of the caller's own keeps its mode. A
// device or a pipe is written to as it is; a link is refused, because whoever made it decides what would be
// overwritten. Error: output.
[[nodiscard]] Result<void> replace_output(std::string_view path, std::string_view bytes);

// Whether it could be written, as far as that can be told without writing: for what takes long to make. Error: output.
[[nodiscard]] Result<void> check_output(std::string_view path);

}  // namespace twctl
