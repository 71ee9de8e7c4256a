// UTF-8 bytes -> code points, one at a time, and what is wrong with them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace twctl {

struct CodePoint {
  char32_t value = 0;     // meaningless unless valid
  std::size_t bytes = 1;  // how many were taken; 1 for a byte that begins no valid sequence
  bool valid = false;     // overlong forms, surrogates and values over U+10FFFF are not
};

// The code point at the front of `text`, which must not be empty.
[[nodiscard]] CodePoint decode_utf8(std::string_view text);

void append_utf8(std::string& utf8, char32_t point);

[[nodiscard]] bool is_utf8(std::string_view text);  // the whole of it

// Marks that reorder or hide what a person sees: U+200B-200F, U+202A-202E, U+2060-2064, U+2066-2069, U+061C, U+FEFF.
[[nodiscard]] bool is_invisible_or_bidi(char32_t value);

// "U+202E", as an error names it.
[[nodiscard]] std::string code_point_name(char32_t value);

}  // namespace twctl
