// What escape() has made printable -> the text again, for where it is encoded by other means. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twctl {

struct Escape {
  std::uint32_t number = 0;
  std::size_t length = 0;  // of the escape, in bytes
};

// The escape (\x1b, \u202e, \U000e0061) at the front of `text`; nullopt: there is none.
[[nodiscard]] std::optional<Escape> escape_at(std::string_view text);

// Bytes that are not UTF-8 stay escapes.
[[nodiscard]] std::string unescaped(std::string_view printable);

}  // namespace twctl
