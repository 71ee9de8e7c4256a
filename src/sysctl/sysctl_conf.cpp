#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/boot_edit.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kHeading = "# Set by twctl:";
constexpr std::string_view kBlanks = " \t\r\n";  // to both loaders
constexpr std::array kLoaders{Loader::systemd, Loader::procps};

// The file as lines that keep their ends; joined again they are the file.
using Lines = std::vector<std::string>;

Lines to_lines(std::string_view text) {
  const std::vector<std::string_view> views = lines_with_ends(text);
  return {views.begin(), views.end()};
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

// Indices of the lines that set exactly this key, as one loader reads them. Each takes some odd lines that the other
// does not.
std::vector<std::size_t> lines_of(const Lines& lines, std::string_view key, Loader loader) {
  std::vector<std::size_t> found;
  for (const Assignment& said : read_assignments(to_text(lines), loader).assignments) {
    if (assigns(said, key)) found.push_back(static_cast<std::size_t>(said.line) - 1);
  }
  return found;
}

// "  key =  old \r\n" -> "  key =  new \r\n". What only one of the loaders takes for a blank is part of the old value.
std::string with_value(const std::string& line, const std::string& value) {
  const std::size_t equals = line.find('=');
  const std::size_t first = line.find_first_not_of(kBlanks, equals + 1);
  if (first == std::string::npos) return line.substr(0, equals + 1) + value + line.substr(equals + 1);
  const std::size_t last = line.find_last_not_of(kBlanks);
  return line.substr(0, first) + value + line.substr(last + 1);
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

void take_out(Lines& lines, const std::string& key) {
  for (const Loader loader : kLoaders) {
    const std::vector<std::size_t> found = lines_of(lines, key, loader);
    for (auto at = found.rbegin(); at != found.rend(); ++at) {
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(*at));
    }
  }
}

// The line that either loader has as its last one gets the value; for a loader without any, one is added.
void put_in(Lines& lines, const LineChange& change) {
  bool read_by_both = true;
  for (const Loader loader : kLoaders) {
    const std::vector<std::size_t> found = lines_of(lines, change.key, loader);
    read_by_both = read_by_both && !found.empty();
    if (!found.empty()) lines[found.back()] = with_value(lines[found.back()], *change.value);
  }
  if (!read_by_both) add_line(lines, change);
}

tl::unexpected<Error> unreadable(std::string_view why, std::string_view hint) {
  return fail(Error{.code = ErrorCode::invalid,
                    .message = fmt::format("{} has {}", kSysctlConf, why),
                    .where = {.file = std::string(kSysctlConf)},
                    .hint = std::string(hint)});
}

}  // namespace

Result<void> check_sysctl_conf(std::string_view text) {
  if (has_lone_cr(text)) {
    return unreadable("a carriage return without a line feed, which systemd reads as a line end and procps does not",
                      "turn its line ends into line feeds first");
  }
  if (text.find('\0') != std::string_view::npos) {
    return unreadable("a NUL byte, which systemd reads as a line end and procps does not", "take it out first");
  }
  return {};
}

Result<std::optional<std::string>> edit_sysctl_conf(const std::optional<std::string>& before,
                                                    std::span<const LineChange> changes) {
  if (before) TRY_VOID(check_sysctl_conf(*before));
  Lines lines = to_lines(before.value_or(""));
  for (const LineChange& change : changes) {
    if (change.value) {
      put_in(lines, change);
    } else {
      take_out(lines, change.key);
    }
  }
  if (!before && lines.empty()) return std::optional<std::string>();
  return std::optional(to_text(lines));
}

}  // namespace twctl
