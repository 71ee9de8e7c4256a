// Error -> the lines that a person reads on standard error: the message, the offending line with a caret under it,
// what to do. Pure. Whatever came from outside is escaped here if it has not been before (Error's comment says what).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace twctl {

// "twctl: FILE:LINE: message", then the excerpt, the caret and the hint, as far as the error has them.
[[nodiscard]] std::string error_text(const Error& error);

// A line of a file and a byte in it (from 1; 0 for none) as printable text, cut to what surrounds that byte, and the
// column (from 1; 0 for none) in which that byte is shown.
struct Excerpt {
  std::string text;
  std::size_t column = 0;
};
[[nodiscard]] Excerpt excerpt_around(std::string_view line, std::size_t byte);

}  // namespace twctl
