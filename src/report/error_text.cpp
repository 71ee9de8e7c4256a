#include "report/error_text.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/cells.hpp"
#include "base/escape.hpp"
#include "base/utf8.hpp"
#include "report/layout.hpp"

namespace twctl {
namespace {

constexpr std::string_view kExcerptMargin = "    ";
constexpr std::size_t kExcerptColumns = 100;                     // fits a terminal, and kEchoLimit
constexpr std::size_t kColumnsBefore = kExcerptColumns * 2 / 3;  // of them at most so many before the caret
constexpr std::string_view kCut = "\u2026";

struct Pieces {
  std::vector<std::string> shown;  // a code point each, with the marks that stand over it
  std::size_t marked = 0;          // index of the one at the caret
};

// Bytes of the first code point and of the marks that stand over it.
std::size_t cluster_size(std::string_view text) {
  std::size_t size = decode_utf8(text).bytes;
  while (size < text.size()) {
    const CodePoint next = decode_utf8(text.substr(size));
    if (!next.valid || !is_printable(next.value) || cells_of(next.value) > 0) break;
    size += next.bytes;
  }
  return size;
}

// A tab is shown as a blank: files are full of them, and \x09 would hide what the line says.
Pieces pieces_of(std::string_view line, std::size_t byte) {
  Pieces pieces;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = line[at] == '\t' ? 1 : cluster_size(line.substr(at));
    if (at + length < byte) ++pieces.marked;
    pieces.shown.push_back(line[at] == '\t' ? " " : escape(line.substr(at, length)));
    at += length;
  }
  return pieces;
}

// The first of the pieces before the marked one that still fits.
std::size_t first_shown(const Pieces& pieces) {
  std::size_t first = pieces.marked;
  for (std::size_t used = 0; first > 0; --first) {
    used += cells_of(pieces.shown[first - 1]);
    if (used > kColumnsBefore) break;
  }
  return first;
}

}  // namespace

Excerpt excerpt_around(std::string_view line, std::size_t byte) {
  const Pieces pieces = pieces_of(line, byte);
  const std::size_t first = first_shown(pieces);
  Excerpt excerpt;
  if (first > 0) excerpt.text = kCut;
  std::size_t at = first;
  for (; at < pieces.shown.size(); ++at) {
    if (at == pieces.marked && byte > 0) excerpt.column = cells_of(excerpt.text) + 1;
    if (cells_of(excerpt.text) + cells_of(pieces.shown[at]) > kExcerptColumns) break;
    excerpt.text += pieces.shown[at];
  }
  if (at < pieces.shown.size()) excerpt.text += kCut;
  if (byte > 0 && excerpt.column == 0) excerpt.column = cells_of(excerpt.text) + 1;  // behind the line's end
  return excerpt;
}

std::string error_text(const Error& error) {
  std::string text = "twctl: ";
  const std::string place = error.where.file.empty() ? "" : place_text(error.where);
  const bool said = error.message.starts_with(place + " ");  // the message begins with it
  if (!place.empty() && !said) text += place + ": ";
  text += error.message + "\n";
  if (!error.excerpt.empty()) {
    const Excerpt excerpt = excerpt_around(error.excerpt, static_cast<std::size_t>(error.column));
    text += fmt::format("{}{}\n", kExcerptMargin, excerpt.text);
    if (excerpt.column > 0) text += fmt::format("{}{}^\n", kExcerptMargin, std::string(excerpt.column - 1, ' '));
  }
  if (!error.hint.empty()) text += fmt::format("  hint: {}\n", error.hint);
  return text;
}

}  // namespace twctl
