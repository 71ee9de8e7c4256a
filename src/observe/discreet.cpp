#include "observe/discreet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "catalog/comment_words.hpp"
#include "catalog/other_keys.hpp"
#include "catalog/setting.hpp"
#include "sysctl/command_line.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

bool assigns_ours(std::string_view line, Loader loader) {
  const AssignmentFile read = read_assignments(line, loader);
  return lines_about_settings(read, loader) > 0 ||
         std::any_of(read.assignments.begin(), read.assignments.end(),
                     [](const Assignment& one) { return is_word_key(one.key); });
}

bool assigns_ours(std::string_view line) {
  return assigns_ours(line, Loader::systemd) || assigns_ours(line, Loader::procps);
}

// A bad line that was to be one of ours.
bool means_ours(std::string_view line, Loader loader) {
  const AssignmentFile read = read_assignments(line, loader);
  return std::any_of(read.bad_lines.begin(), read.bad_lines.end(),
                     [](const BadLine& bad) { return setting_meant_by(bad) != nullptr; });
}

bool is_about_settings(std::string_view line) {
  return assigns_ours(line) || means_ours(line, Loader::systemd) || means_ours(line, Loader::procps);
}

// The length of what a finding goes by at the front of a comment's text, 0 for nothing: `key`, or one of the words.
std::size_t counts_at_front(std::string_view text, std::string_view key) {
  if (!key.empty() && text.starts_with(key)) return key.size();
  for (const std::string_view word : kTimeWaitNames) {
    if (text.starts_with(word)) return word.size();
  }
  for (const std::string_view word : kTimeWaitDenials) {
    if (text.starts_with(word)) return word.size();
  }
  for (const auto& [name, guide] : kGuideNames) {
    if (text.starts_with(name)) return name.size();
  }
  return 0;
}

// A setting that was commented out ends the comment below it.
std::string discreet_comment(std::string_view line) {
  const std::string_view text = trim(line);
  const std::string_view said = text.substr(1);
  if (text.find("twctl:") != std::string_view::npos || assigns_ours(said)) return std::string(line);
  const Setting* meant = setting_meant_by(said.substr(0, said.find('=')));
  const std::string plain = replaced(to_lower(said), '/', '.') + " ";  // as the next line of the comment would go on
  std::string kept(text.substr(0, 1));
  for (std::size_t at = 0; at < plain.size();) {
    const std::size_t length = counts_at_front(std::string_view(plain).substr(at), meant ? meant->key : "");
    if (length > 0) kept.append(" ").append(trim(said.substr(at, length)));
    at += std::max<std::size_t>(length, 1);
  }
  return kept;
}

std::string discreet_line(std::string_view line) {
  for (const std::string_view mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"}) {
    if (line.starts_with(mark)) return std::string(mark) + discreet_line(line.substr(mark.size()));
  }
  const std::string_view text = trim(line);
  if (is_comment(text)) return discreet_comment(line);
  if (text.empty() || is_about_settings(line)) return std::string(line);
  // A single character is nothing to procps; and where each stands between NULs, UTF-16 stays UTF-16.
  if (text.size() == 1 && line.ends_with(text)) return "?";
  const std::size_t equals = line.find('=');
  if (equals != std::string_view::npos) {
    std::string_view second = second_key(line.substr(equals + 1));
    if (!second.empty() && find_setting_by_any_name(second) == nullptr)
      second = "another.key";  // part of a secret, perhaps
    const std::string kept = second.empty() ? "" : fmt::format(";{}={}", second, kLeftOut);
    return fmt::format("{} {}{}", line.substr(0, equals + 1), kLeftOut, kept);
  }
  if (!text.starts_with('-')) return std::string(kLeftOut);
  return text.find_first_of(" \t") == std::string_view::npos ? std::string(line) : fmt::format("-{}", kLeftOut);
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
    const bool counts = find_setting(Os::linux_kernel, one.key) != nullptr || is_word_key(one.key);
    if (!counts && one.key.find('"') != std::string::npos) continue;
    kept.push_back(fmt::format("\"sysctl.{}={}\"", one.key, counts ? std::string_view(one.value) : kLeftOut));
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
