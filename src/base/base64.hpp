// Bytes <-> base64 text (RFC 4648, section 4, with padding). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace twctl {

[[nodiscard]] std::string to_base64(std::string_view bytes);

// nullopt: not base64, not padded, or with stray bits at the end.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace twctl
