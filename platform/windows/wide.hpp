// UTF-8 <-> UTF-16 in the characters that Windows' functions take. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// What is not valid becomes U+FFFD, which no file's name has: such a path is not found.
[[nodiscard]] std::wstring to_wide(std::string_view utf8);
[[nodiscard]] std::string to_utf8(std::wstring_view wide);

}  // namespace twctl
