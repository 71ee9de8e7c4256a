// Foreign bytes -> text that is safe on a terminal and in a log line. The one place that does it (promise P13).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace twctl {

inline constexpr std::size_t kEchoLimit = 256;  // bytes of foreign text that one message echoes

// Letters of every script stay. A control byte or a byte that is not UTF-8 becomes \x1b, any other code point that is
// not printable (cells.hpp) \u202e (\U000e0061 above U+FFFF). At most `limit` bytes of result, never cutting a letter
// or an escape in two, then "…".
[[nodiscard]] std::string escape(std::string_view foreign, std::size_t limit = kEchoLimit);

// The same as a quotation: "30s"; what has such quotes itself stands in single ones.
[[nodiscard]] std::string in_quotes(std::string_view foreign, std::size_t limit = kEchoLimit);

// "FILE:LINE", "FILE" for a file as a whole, "" for no file; escaped.
[[nodiscard]] std::string place_text(const Place& place);

}  // namespace twctl
