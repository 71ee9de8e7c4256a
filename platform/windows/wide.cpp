#include "platform/windows/wide.hpp"

#include <cstdint>

#include "base/utf8.hpp"

namespace twctl {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kHigh = 0xD800;  // the first of each kind of surrogate
constexpr char32_t kLow = 0xDC00;
constexpr char32_t kEnd = 0xE000;
constexpr char32_t kBeyond = 0x10000;

bool is_surrogate(char32_t unit) { return unit >= kHigh && unit < kEnd; }

void add_wide(std::wstring& wide, char32_t point) {
  if (point < kBeyond) {
    wide += static_cast<wchar_t>(point);
    return;
  }
  wide += static_cast<wchar_t>(kHigh + ((point - kBeyond) >> 10U));
  wide += static_cast<wchar_t>(kLow + ((point - kBeyond) & 0x3FFU));
}

void add_tail(std::string& utf8, char32_t bits) { utf8 += static_cast<char>(0x80U | (bits & 0x3FU)); }

void add_utf8(std::string& utf8, char32_t point) {
  if (point < 0x80) {
    utf8 += static_cast<char>(point);
  } else if (point < 0x800) {
    utf8 += static_cast<char>(0xC0U | (point >> 6U));
    add_tail(utf8, point);
  } else if (point < kBeyond) {
    utf8 += static_cast<char>(0xE0U | (point >> 12U));
    add_tail(utf8, point >> 6U);
    add_tail(utf8, point);
  } else {
    utf8 += static_cast<char>(0xF0U | (point >> 18U));
    add_tail(utf8, point >> 12U);
    add_tail(utf8, point >> 6U);
    add_tail(utf8, point);
  }
}

// The code point at the front, which is taken off.
char32_t take_point(std::wstring_view& wide) {
  const char32_t first = static_cast<std::uint16_t>(wide.front());
  wide.remove_prefix(1);
  if (!is_surrogate(first)) return first;
  const char32_t second = wide.empty() ? 0 : static_cast<std::uint16_t>(wide.front());
  if (first >= kLow || second < kLow || second >= kEnd) return kReplacement;
  wide.remove_prefix(1);
  return kBeyond + ((first - kHigh) << 10U) + (second - kLow);
}

}  // namespace

std::wstring to_wide(std::string_view utf8) {
  std::wstring wide;
  while (!utf8.empty()) {
    const CodePoint point = decode_utf8(utf8);
    add_wide(wide, point.valid ? point.value : kReplacement);
    utf8.remove_prefix(point.bytes);
  }
  return wide;
}

std::string to_utf8(std::wstring_view wide) {
  std::string utf8;
  while (!wide.empty()) add_utf8(utf8, take_point(wide));
  return utf8;
}

}  // namespace twctl
