#include "support/markdown.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <sstream>

#include "base/text.hpp"

namespace twctl::test {
namespace {

// The number of '#' that begin a heading; 0: the line is none.
std::size_t heading_level(std::string_view line) {
  const std::size_t level = line.find_first_not_of('#');
  return level != std::string_view::npos && level > 0 && line[level] == ' ' ? level : 0;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  bool in_code = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("```")) in_code = !in_code;
    lines.push_back(in_code ? " " + line : line);  // a comment in a block of code is no heading
  }
  return lines;
}

Row cells(const std::string& line) {
  Row row;
  std::string cell;
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] == '\\' && at + 1 < line.size() && line[at + 1] == '|') {
      cell += line[++at];
    } else if (line[at] == '|') {
      row.emplace_back(trim(cell));
      cell.clear();
    } else {
      cell += line[at];
    }
  }
  return row;
}

}  // namespace

std::string section(const std::string& markdown, const std::string& heading) {
  std::size_t level = 0;
  std::string text;
  for (const std::string& line : lines_of(markdown)) {
    const std::size_t here = heading_level(line);
    if (level > 0 && here > 0 && here <= level) return text;
    if (level > 0) text += line + "\n";
    if (here > 0 && trim(line.substr(here)) == heading) level = here;
  }
  REQUIRE_MESSAGE(level > 0, "no heading \"", heading, "\"");
  return text;
}

std::vector<std::string> headings(const std::string& markdown) {
  std::vector<std::string> found;
  for (const std::string& line : lines_of(markdown))
    if (const std::size_t level = heading_level(line); level > 0) found.emplace_back(trim(line.substr(level)));
  return found;
}

std::vector<Row> table(const std::string& markdown, std::string_view first) {
  std::vector<Row> rows;
  bool inside = false;
  for (const std::string& line : lines_of(markdown)) {
    if (!line.starts_with('|')) inside = false;
    if (!line.starts_with('|') || line.starts_with("|-")) continue;
    Row row = cells(line);
    if (inside) rows.push_back(row);
    if (row.front() == first) inside = true;
  }
  REQUIRE_MESSAGE(!rows.empty(), "no table whose first column is \"", std::string(first), "\"");
  return rows;
}

std::vector<std::string> in_backquotes(const std::string& text) {
  static const std::regex kQuoted("`([^`]+)`");
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), kQuoted), end; it != end; ++it)
    found.push_back((*it)[1].str());
  return found;
}

}  // namespace twctl::test
