// Bytes of a .reg file -> UTF-8. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// UTF-16LE with its byte order mark; else the bytes without a UTF-8 mark: bytes of an ANSI code page stay as they
// are, for nothing that we look for has any.
[[nodiscard]] std::string registry_text(std::string_view bytes);

}  // namespace twctl
