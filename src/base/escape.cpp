#include "base/escape.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"

namespace twctl {
namespace {

std::string escaped(std::string_view bytes, const CodePoint& point) {
  if (!point.valid) return fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
  const auto value = static_cast<unsigned>(point.value);
  if (value >= 0x20 && value < 0x7F) return std::string(1, bytes[0]);
  if (value < 0x80) return fmt::format("\\x{:02x}", value);
  return value <= 0xFFFF ? fmt::format("\\u{:04x}", value) : fmt::format("\\U{:08x}", value);
}

}  // namespace

std::string escape(std::string_view foreign, std::size_t limit) {
  const auto is_printable_ascii = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (foreign.size() <= limit && std::all_of(foreign.begin(), foreign.end(), is_printable_ascii)) {
    return std::string(foreign);
  }
  std::string result;
  while (!foreign.empty()) {
    const CodePoint point = decode_utf8(foreign);
    const std::string piece = escaped(foreign, point);
    if (result.size() + piece.size() > limit) return result + "\u2026";
    result += piece;
    foreign.remove_prefix(point.bytes);
  }
  return result;
}

}  // namespace twctl
