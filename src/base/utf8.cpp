#include "base/utf8.hpp"

#include <fmt/format.h>

namespace twctl {
namespace {

unsigned byte_at(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }

// Length of the sequence that a lead byte announces; 0 for a byte that is no lead byte.
std::size_t announced_length(unsigned lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

bool is_scalar(char32_t value, std::size_t bytes) {
  if (bytes == 3 && value < 0x800) return false;
  if (bytes == 4 && value < 0x10000) return false;
  return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  const std::size_t bytes = announced_length(lead);
  if (bytes == 0 || bytes > text.size()) return {};
  if (bytes == 1) return {.value = lead, .bytes = 1, .valid = true};
  char32_t value = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte_at(text, i) & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (byte_at(text, i) & 0x3FU);
  }
  if (!is_scalar(value, bytes)) return {};
  return {.value = value, .bytes = bytes, .valid = true};
}

void append_utf8(std::string& utf8, char32_t point) {
  constexpr char32_t kSupplementary = 0x10000;
  if (point < 0x80) {
    utf8 += static_cast<char>(point);
    return;
  }
  const unsigned more = point < 0x800 ? 1 : point < kSupplementary ? 2 : 3;
  constexpr char32_t kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  utf8 += static_cast<char>(kLeads[more] | (point >> (6 * more)));
  for (unsigned left = more; left-- > 0;) utf8 += static_cast<char>(0x80U | ((point >> (6 * left)) & 0x3FU));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (!point.valid) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

bool is_invisible_or_bidi(char32_t value) {
  return (value >= 0x200B && value <= 0x200F) || (value >= 0x202A && value <= 0x202E) ||
         (value >= 0x2060 && value <= 0x2064) || (value >= 0x2066 && value <= 0x2069) || value == 0x061C ||
         value == 0xFEFF;
}

std::string code_point_name(char32_t value) { return fmt::format("U+{:04X}", static_cast<unsigned>(value)); }

}  // namespace twctl
