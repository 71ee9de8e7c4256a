#include "base/utf16.hpp"

#include "base/utf8.hpp"

namespace twctl {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kHigh = 0xD800;  // the first of each kind of surrogate
constexpr char32_t kLow = 0xDC00;
constexpr char32_t kEnd = 0xE000;
constexpr char32_t kBeyond = 0x10000;

void append_utf16(std::u16string& units, char32_t point) {
  if (point < kBeyond) {
    units += static_cast<char16_t>(point);
    return;
  }
  units += static_cast<char16_t>(kHigh + ((point - kBeyond) >> 10U));
  units += static_cast<char16_t>(kLow + ((point - kBeyond) & 0x3FFU));
}

// The code point at the front, which is taken off.
char32_t take_point(std::u16string_view& units) {
  const char32_t first = units.front();
  units.remove_prefix(1);
  if (first < kHigh || first >= kEnd) return first;
  const char32_t second = units.empty() ? 0 : units.front();
  if (first >= kLow || second < kLow || second >= kEnd) return kReplacement;
  units.remove_prefix(1);
  return kBeyond + ((first - kHigh) << 10U) + (second - kLow);
}

}  // namespace

std::string from_utf16(std::u16string_view units) {
  std::string utf8;
  while (!units.empty()) append_utf8(utf8, take_point(units));
  return utf8;
}

std::u16string to_utf16(std::string_view utf8) {
  std::u16string units;
  while (!utf8.empty()) {
    const CodePoint point = decode_utf8(utf8);
    append_utf16(units, point.valid ? point.value : kReplacement);
    utf8.remove_prefix(point.bytes);
  }
  return units;
}

bool looks_like_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return true;
  if (bytes.size() < 4) return false;
  const auto zero = [&](std::size_t at) { return bytes[at] == '\0'; };
  return (zero(1) && zero(3) && !zero(0) && !zero(2)) || (zero(0) && zero(2) && !zero(1) && !zero(3));
}

}  // namespace twctl
