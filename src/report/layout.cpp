#include "report/layout.hpp"

#include <algorithm>

#include "base/cells.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::string_view kPlainAgain = "\x1b[0m";

std::string_view sequence(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::faint:
      return "\x1b[2m";
    case Ink::strong:
      return "\x1b[1m";
    case Ink::change:
      return "\x1b[1;33m";
    case Ink::good:
      return "\x1b[32m";
    case Ink::danger:
      return "\x1b[1;31m";
  }
  return "";
}

}  // namespace

std::string inked(const Screen& screen, Ink ink, std::string_view text) {
  if (!screen.colour || ink == Ink::plain || text.empty()) return std::string(text);
  return std::string(sequence(ink)).append(text).append(kPlainAgain);
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t taken = cells_of(text);
  return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

std::string wrapped(std::string_view text, std::size_t columns, std::string_view label) {
  const std::string margin(cells_of(label), ' ');
  std::string lines;
  lines.reserve(label.size() + text.size() + text.size() / 2);
  lines += label;
  std::size_t width = margin.size();
  bool line_is_empty = true;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    const std::size_t word_width = cells_of(word);
    if (!line_is_empty && width + 1 + word_width > columns) {
      lines.append("\n").append(margin);
      width = margin.size();
      line_is_empty = true;
    }
    if (!line_is_empty) lines += ' ';
    width += word_width + (line_is_empty ? 0 : 1);
    lines += word;
    line_is_empty = false;
  }
  return line_is_empty ? "" : lines + "\n";
}

std::string counted(std::size_t count, std::string_view noun) { return counted(count, noun, std::string(noun) + "s"); }

std::string counted(std::size_t count, std::string_view noun, std::string_view plural) {
  return std::to_string(count) + " " + std::string(count == 1 ? noun : plural);
}

}  // namespace twctl
