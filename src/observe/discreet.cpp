#include "observe/discreet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "sysctl/command_line.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kLeftOut = "(left out)";

// As either loader reads it, or as somebody meant it.
bool is_about_settings(std::string_view line, Loader loader) {
  const AssignmentFile read = read_assignments(line, loader);
  return lines_about_settings(read, loader) > 0 ||
         std::any_of(read.bad_lines.begin(), read.bad_lines.end(),
                     [](const BadLine& bad) { return setting_meant_by(bad) != nullptr; });
}

std::string discreet_line(std::string_view line) {
  const std::string_view text = trim(line);
  if (is_comment(text)) return std::string(text.find("twctl:") == std::string_view::npos ? text.substr(0, 1) : line);
  if (text.empty() || is_about_settings(line, Loader::systemd) || is_about_settings(line, Loader::procps)) {
    return std::string(line);
  }
  const std::size_t equals = line.find('=');
  const bool keeps_globs_off = text.starts_with('-') && text.find_first_of(" \t") == std::string_view::npos;
  if (equals == std::string_view::npos) return std::string(keeps_globs_off ? line : kLeftOut);
  return fmt::format("{} {}", line.substr(0, equals + 1), kLeftOut);
}

// What ends a line for either loader; each stays where it is.
std::string discreet_text(std::string_view text) {
  constexpr std::string_view kEnds("\n\r\0", 3);
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kEnds), text.size());
    kept += discreet_line(text.substr(0, end));
    kept += text.substr(end, 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return kept;
}

std::string discreet_command_line(std::string_view text) {
  const AssignmentFile said = read_command_line(text);
  std::vector<std::string> kept;
  for (const Assignment& one : said.assignments) {
    if (find_setting(Os::linux_kernel, one.key) != nullptr) {
      kept.push_back(fmt::format("\"sysctl.{}={}\"", one.key, one.value));
    }
  }
  for (const BadLine& bad : said.bad_lines) kept.push_back(bad.text);
  return join(kept, " ");
}

}  // namespace

Snapshot discreet(Snapshot snapshot) {
  for (BootFile& file : snapshot.boot_files) {
    if (file.path == kKernelCommandLine) file.bytes = discreet_command_line(file.bytes);
    if (file.path != kKernelCommandLine && file.path != kOwnBootFile) file.bytes = discreet_text(file.bytes);
  }
  for (LaterWriter& writer : snapshot.later_writers) {
    for (LaterWrite& write : writer.writes) {
      if (find_setting(Os::linux_kernel, write.key) == nullptr) write.value.clear();
    }
  }
  return snapshot;
}

}  // namespace twctl
