// How a code point stands on a terminal: as itself in one cell or two, over the one before it, or not to be seen. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace twctl {

// Whether a person sees it as itself: false for control characters, marks that reorder or hide text, every blank but
// U+0020, private use and what is no character.
[[nodiscard]] bool is_printable(char32_t value);

// Whether that is so of all of the text; a byte that is not UTF-8 is not printable.
[[nodiscard]] bool is_printable(std::string_view text);

// Cells that a printable one takes: 2 where it is wide (CJK, most emoji), 0 where it stands over the one before it.
[[nodiscard]] std::size_t cells_of(char32_t printable);

// Cells that printable UTF-8 takes in one line.
[[nodiscard]] std::size_t cells_of(std::string_view printable);

}  // namespace twctl
