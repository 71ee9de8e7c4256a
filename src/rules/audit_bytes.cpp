// What the bytes of a text do to its lines: UTF-16, marks, NUL, carriage returns.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "rules/audit_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

int line_of(std::string_view bytes, std::size_t at) {
  return 1 + static_cast<int>(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// Where a CR is followed by text on its line; CRLF, and a CR among the blanks at a line's end, mean nothing.
std::size_t next_lone_cr(std::string_view bytes, std::size_t from) {
  for (std::size_t at = bytes.find('\r', from); at != std::string_view::npos; at = bytes.find('\r', at + 1)) {
    const std::size_t next = bytes.find_first_not_of(" \t\r\v\f", at);
    if (next != std::string_view::npos && bytes[next] != '\n') return at;
  }
  return std::string_view::npos;
}

std::string times(std::ptrdiff_t count) { return fmt::format("{} time{}", count, count == 1 ? "" : "s"); }

}  // namespace

void utf_16(const AuditedFile& file, FindingSink& found) {
  if (file.form == AuditedFile::Form::utf_16) found.add("", "The bytes are UTF-16.", {file.path, 1});
}

// A mark spoils an assignment's key; rules about assignments say so.
void byte_order_mark(const AuditedFile& file, FindingSink& found) {
  if (!file.bytes.starts_with(kMark)) return;
  const std::string_view line = trim(file.bytes.substr(0, file.bytes.find('\n')).substr(kMark.size()));
  if (line.empty() || is_comment(line)) {
    found.add("", "The first line begins with U+FEFF.", {file.path, 1});
  }
}

void nul_byte(const AuditedFile& file, FindingSink& found) {
  const std::size_t first = file.bytes.find('\0');
  if (first == std::string_view::npos) return;
  const auto count = std::count(file.bytes.begin(), file.bytes.end(), '\0');
  found.add("", fmt::format("U+0000 {}.", times(count)), {file.path, line_of(file.bytes, first)});
}

void lone_cr(const AuditedFile& file, FindingSink& found) {
  const std::size_t first = next_lone_cr(file.bytes, 0);
  if (first == std::string_view::npos) return;
  std::ptrdiff_t count = 0;
  for (std::size_t at = first; at != std::string_view::npos; at = next_lone_cr(file.bytes, at + 1)) ++count;
  found.add("", fmt::format("U+000D with text behind it {}.", times(count)), {file.path, line_of(file.bytes, first)});
}

}  // namespace twctl::rules
