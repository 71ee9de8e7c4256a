#include "profile/registry_text.hpp"

#include <cstdint>

#include "profile/text_lines.hpp"

namespace twctl {
namespace {

void append_utf8(std::string& text, char32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr char32_t kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(kLeads[more] | (point >> (6 * more)));
  for (int left = more - 1; left >= 0; --left) text += static_cast<char>(0x80 | ((point >> (6 * left)) & 0x3F));
}

char32_t unit_at(std::string_view bytes, std::size_t at) {
  const auto low = static_cast<unsigned char>(bytes[at]);
  const auto high = static_cast<unsigned char>(bytes[at + 1]);
  return static_cast<char32_t>(low | (high << 8));
}

bool is_lead(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_trail(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// A lone surrogate becomes U+FFFD, as does an odd byte at the end.
std::string from_utf16(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    char32_t point = unit_at(bytes, at);
    const bool paired = is_lead(point) && at + 3 < bytes.size() && is_trail(unit_at(bytes, at + 2));
    if (paired) {
      point = 0x10000 + ((point - 0xD800) << 10) + (unit_at(bytes, at + 2) - 0xDC00);
      at += 2;
    } else if (is_lead(point) || is_trail(point)) {
      point = 0xFFFD;
    }
    append_utf8(text, point);
  }
  if (bytes.size() % 2 != 0) append_utf8(text, 0xFFFD);
  return text;
}

}  // namespace

std::string registry_text(std::string_view bytes) {
  constexpr std::string_view kMark = "\xFF\xFE";
  return bytes.starts_with(kMark) ? from_utf16(bytes.substr(kMark.size())) : std::string(without_bom(bytes));
}

}  // namespace twctl
