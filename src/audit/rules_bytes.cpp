// What the bytes of a text do to its lines: marks, NUL, carriage returns.
#include <fmt/format.h>

#include <algorithm>

#include "audit/rules.hpp"
#include "base/text.hpp"

namespace twctl::rules {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

int line_of(std::string_view bytes, std::size_t at) {
  return 1 + static_cast<int>(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// A mark spoils an assignment's key; rules about assignments say so.
void harmless_mark(const SysctlFile& file, Findings& found) {
  if (!file.bytes.starts_with(kMark)) return;
  const std::string_view line = trim(file.bytes.substr(0, file.bytes.find('\n')).substr(kMark.size()));
  if (!line.empty() && line[0] != '#' && line[0] != ';') return;
  found.push_back(make_finding("byte-order-mark", "", {file.path, 1}, "The first line begins with U+FEFF."));
}

void nul_bytes(const SysctlFile& file, Findings& found) {
  const std::size_t first = file.bytes.find('\0');
  if (first == std::string_view::npos) return;
  const auto count = std::count(file.bytes.begin(), file.bytes.end(), '\0');
  found.push_back(make_finding("nul-byte", "", {file.path, line_of(file.bytes, first)},
                               fmt::format("U+0000 {} time{}.", count, count == 1 ? "" : "s")));
}

// Where a CR is followed by text on its line; CRLF, and a CR among the blanks at a line's end, mean nothing.
std::size_t next_lone_cr(std::string_view bytes, std::size_t from) {
  for (std::size_t at = bytes.find('\r', from); at != std::string_view::npos; at = bytes.find('\r', at + 1)) {
    const std::size_t next = bytes.find_first_not_of(" \t\r\v\f", at);
    if (next != std::string_view::npos && bytes[next] != '\n') return at;
  }
  return std::string_view::npos;
}

void lone_crs(const SysctlFile& file, Findings& found) {
  const std::size_t first = next_lone_cr(file.bytes, 0);
  if (first == std::string_view::npos) return;
  int count = 0;
  for (std::size_t at = first; at != std::string_view::npos; at = next_lone_cr(file.bytes, at + 1)) ++count;
  found.push_back(make_finding("lone-cr", "", {file.path, line_of(file.bytes, first)},
                               fmt::format("U+000D with text behind it {} time{}.", count, count == 1 ? "" : "s")));
}

}  // namespace

// With its mark, or by the zero in every other of the first bytes.
bool is_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return true;
  if (bytes.size() < 4) return false;
  const auto zero = [&](std::size_t at) { return bytes[at] == '\0'; };
  return (zero(1) && zero(3) && !zero(0) && !zero(2)) || (zero(0) && zero(2) && !zero(1) && !zero(3));
}

void encoding(const SysctlFile& file, Findings& found) {
  harmless_mark(file, found);
  nul_bytes(file, found);
  lone_crs(file, found);
}

}  // namespace twctl::rules
