// A document of docs/ -> its sections and tables, for the tests that hold it to the program.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace twctl::test {

inline const std::filesystem::path kTree = TWCTL_SOURCE_DIR;

// What stands below the heading of that text, up to the next heading of the same or a higher level. Fails the test
// where there is no such heading.
[[nodiscard]] std::string section(const std::string& markdown, const std::string& heading);

// The texts of all headings.
[[nodiscard]] std::vector<std::string> headings(const std::string& markdown);

using Row = std::vector<std::string>;  // cells, trimmed; "\|" stands for a bar

// The rows of the table whose first column is called `first`, without its head. Fails the test where there is none.
[[nodiscard]] std::vector<Row> table(const std::string& markdown, std::string_view first);

// "`--help`, `-h`" -> {"--help", "-h"}
[[nodiscard]] std::vector<std::string> in_backquotes(const std::string& text);

}  // namespace twctl::test
