#include "base/escape.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/cells.hpp"
#include "base/unescape.hpp"
#include "base/utf8.hpp"

namespace twctl {
namespace {

// A mark that stands over the character before it is shown by number where that one would be ours.
bool is_shown(const CodePoint& point, bool first) {
  return point.valid && is_printable(point.value) && !(first && cells_of(point.value) == 0);
}

std::string by_number(std::string_view bytes, const CodePoint& point) {
  if (!point.valid) return fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
  const auto value = static_cast<unsigned>(point.value);
  if (value < 0x80) return fmt::format("\\x{:02x}", value);
  return value <= 0xFFFF ? fmt::format("\\u{:04x}", value) : fmt::format("\\U{:08x}", value);
}

}  // namespace

std::string escape(std::string_view foreign, std::size_t limit) {
  const auto is_printable_ascii = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (foreign.size() <= limit && foreign.find('\\') == std::string_view::npos &&
      std::all_of(foreign.begin(), foreign.end(), is_printable_ascii)) {
    return std::string(foreign);
  }
  std::string result;
  while (!foreign.empty()) {
    const CodePoint point = decode_utf8(foreign);
    // What looks like an escape of ours is none: "\\x5c" in front says so, and unescaped() gives it back.
    const bool shown = is_shown(point, result.empty()) && !escape_at(foreign);
    const std::string piece = shown ? std::string(foreign.substr(0, point.bytes)) : by_number(foreign, point);
    if (result.size() + piece.size() > limit) return result + "\u2026";
    result += piece;
    foreign.remove_prefix(point.bytes);
  }
  return result;
}

std::string in_quotes(std::string_view foreign, std::size_t limit) {
  const char mark = foreign.find('"') == std::string_view::npos ? '"' : '\'';
  return mark + escape(foreign, limit) + mark;
}

std::string place_text(const Place& place) {
  if (place.line == 0) return escape(place.file);
  return fmt::format("{}:{}", escape(place.file), place.line);
}

}  // namespace twctl
