// A number of bytes as a message names it. Pure.
#pragma once

#include <cstddef>
#include <string>

namespace twctl {

[[nodiscard]] std::string size_text(std::size_t bytes);  // "256 KiB", "1000 bytes"

}  // namespace twctl
