#include "apply/sysctl_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "sysctl/assignments.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

constexpr std::string_view kHeading = "# Set by twctl:";

// The file as lines that keep their ends; joined again they are the file.
using Lines = std::vector<std::string>;

Lines to_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::string to_text(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

bool has_lone_cr(std::string_view text) {
  for (std::size_t at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (at + 1 == text.size() || text[at + 1] != '\n') return true;
  }
  return false;
}

// Indices of the lines that assign exactly this key, as both loaders read them.
std::vector<std::size_t> lines_of(const Lines& lines, std::string_view key) {
  std::vector<std::size_t> found;
  for (const Assignment& assignment : read_assignments(to_text(lines), Loader::systemd).assignments) {
    if (assignment.key == key && !assignment.exclusion) found.push_back(static_cast<std::size_t>(assignment.line) - 1);
  }
  return found;
}

// "  key =  old \r\n" -> "  key =  new \r\n".
std::string with_value(const std::string& line, const std::string& value) {
  const std::size_t equals = line.find('=');
  const std::string_view old = trim(std::string_view(line).substr(equals + 1));
  const std::size_t at = old.empty() ? equals + 1 : static_cast<std::size_t>(old.data() - line.data());
  return line.substr(0, at) + value + line.substr(at + old.size());
}

std::string_view line_end(const Lines& lines) {
  return !lines.empty() && lines.front().ends_with("\r\n") ? "\r\n" : "\n";
}

// Below the lines under our heading, which is put at the end of the file if it is not there yet.
void add_line(Lines& lines, const LineChange& change) {
  const std::string end(line_end(lines));
  auto heading =
      std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return trim(line) == kHeading; });
  if (heading == lines.end()) {
    if (!lines.empty() && !lines.back().ends_with('\n')) lines.back() += end;
    if (!lines.empty()) lines.push_back(end);
    heading = lines.insert(lines.end(), std::string(kHeading) + end);
  }
  if (!lines.back().ends_with('\n')) lines.back() += end;
  const auto blank = std::find_if(heading, lines.end(), [](const std::string& line) { return trim(line).empty(); });
  lines.insert(blank, fmt::format("{} = {}{}", change.key, *change.value, end));
}

void edit(Lines& lines, const LineChange& change) {
  const std::vector<std::size_t> found = lines_of(lines, change.key);
  if (!change.value) {
    for (auto at = found.rbegin(); at != found.rend(); ++at) {
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(*at));
    }
  } else if (found.empty()) {
    add_line(lines, change);
  } else {
    lines[found.back()] = with_value(lines[found.back()], *change.value);
  }
}

}  // namespace

Result<std::optional<std::string>> edit_sysctl_conf(const std::optional<std::string>& before,
                                                    std::span<const LineChange> changes) {
  if (before && has_lone_cr(*before)) {
    return fail(Error{.code = ErrorCode::invalid,
                      .message = fmt::format("{} has a carriage return without a line feed, which systemd reads as a "
                                             "line end and procps does not",
                                             kSysctlConf),
                      .where = {.file = std::string(kSysctlConf)},
                      .hint = "turn its line ends into line feeds first"});
  }
  Lines lines = to_lines(before.value_or(""));
  for (const LineChange& change : changes) edit(lines, change);
  if (!before && lines.empty()) return std::optional<std::string>();
  return std::optional(to_text(lines));
}

}  // namespace twctl
