// UTF-8 <-> UTF-16 in the characters that Windows' functions take. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/utf16.hpp"

namespace twctl {

// What is not valid becomes U+FFFD, which no file's name has: such a path is not found.
[[nodiscard]] inline std::wstring to_wide(std::string_view utf8) {
  const std::u16string units = to_utf16(utf8);
  return {units.begin(), units.end()};
}

[[nodiscard]] inline std::string to_utf8(std::wstring_view wide) {
  return from_utf16(std::u16string(wide.begin(), wide.end()));
}

}  // namespace twctl
