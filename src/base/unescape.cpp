#include "base/unescape.hpp"

#include <charconv>

#include "base/utf8.hpp"

namespace twctl {
namespace {

// How many hexadecimal digits follow the letter of an escape.
std::size_t digits_after(char letter) {
  if (letter == 'x') return 2;
  if (letter == 'u') return 4;
  return letter == 'U' ? 8 : 0;
}

}  // namespace

std::optional<Escape> escape_at(std::string_view text) {
  if (text.size() < 2 || text[0] != '\\') return std::nullopt;
  const std::size_t digits = digits_after(text[1]);
  if (digits == 0 || text.size() < 2 + digits) return std::nullopt;
  Escape found{.length = 2 + digits};
  const char* const end = text.data() + found.length;
  if (std::from_chars(text.data() + 2, end, found.number, 16).ptr != end) return std::nullopt;
  return found;
}

std::string unescaped(std::string_view printable) {
  constexpr std::uint32_t kLastCodePoint = 0x10FFFF;
  std::string text;
  while (!printable.empty()) {
    const std::optional<Escape> found = escape_at(printable);
    const bool is_byte = found && found->length == 4 && found->number >= 0x80;
    const std::size_t taken = found ? found->length : 1;
    if (found && !is_byte && found->number <= kLastCodePoint) {
      append_utf8(text, found->number);
    } else {
      text += printable.substr(0, taken);
    }
    printable.remove_prefix(taken);
  }
  return text;
}

}  // namespace twctl
