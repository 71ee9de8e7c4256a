// UTF-16, which Windows and its files are written in, <-> UTF-8, which is all that twctl knows. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// A surrogate without its other half becomes U+FFFD.
[[nodiscard]] std::string from_utf16(std::u16string_view units);

// Whether bytes of unknown kind are UTF-16: by its mark, or by the zero in every other of the first bytes.
[[nodiscard]] bool looks_like_utf16(std::string_view bytes);

// A byte of no valid sequence becomes U+FFFD.
[[nodiscard]] std::u16string to_utf16(std::string_view utf8);

}  // namespace twctl
