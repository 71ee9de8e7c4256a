#include "journal/file_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc32.hpp"
#include "catalog/setting.hpp"
#include "catalog/value.hpp"
#include "formats/sysctl.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

std::vector<OwnLine> own_lines(const std::optional<std::string>& bytes) {
  if (!bytes) return {};
  return parse_own_file(*bytes).value_or(std::vector<OwnLine>());
}

const OwnLine* line_of(const std::vector<OwnLine>& lines, std::string_view key) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const OwnLine& line) { return line.key == key; });
  return found == lines.end() ? nullptr : &*found;
}

std::map<std::string, Value> lines_in(const std::optional<std::string>& bytes) {
  std::map<std::string, Value> lines;
  if (!bytes) return lines;
  for (const Assignment& line : read_assignments(*bytes, Loader::procps).assignments) {
    const Setting* setting = find_setting(line.key);
    if (setting != nullptr && !line.exclusion) lines[line.key] = canonical(*setting, line.value);
  }
  return lines;
}

std::optional<std::string> digest_of(std::optional<std::string> bytes) {
  constexpr std::size_t kShort = std::size_t{32} * 1024;
  if (!bytes || bytes->size() <= kShort) return bytes;
  std::string little = fmt::format("# {} bytes, CRC-32 {:08x}\n", bytes->size(), crc32(*bytes));
  for (const auto& [key, value] : lines_in(bytes)) little += fmt::format("{} = {}\n", key, value);
  return little;
}

bool holds(const std::optional<std::string>& file, const std::optional<std::string>& recorded) {
  return file == recorded || digest_of(file) == recorded;
}

std::vector<SettingChange> changed_lines(const FileChange& file) {
  const std::map<std::string, Value> before = lines_in(file.before);
  const std::map<std::string, Value> after = lines_in(file.after);
  std::vector<SettingChange> changes;
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end()) changes.push_back({key, std::nullopt, value});
    if (old != before.end() && old->second != value) changes.push_back({key, old->second, value});
  }
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) changes.push_back({key, value, std::nullopt});
  }
  return changes;
}

namespace {

// By key: nobody else adds lines to our own file.
Result<std::optional<std::string>> own_file_without(const FileChange& file, const std::optional<std::string>& now) {
  const std::vector<SettingChange> theirs = changed_lines({file.path, file.after, now});
  const std::vector<OwnLine> commented = own_lines(file.before);
  std::vector<LineChange> back;
  for (const SettingChange& line : changed_lines(file)) {
    const bool is_theirs =
        std::any_of(theirs.begin(), theirs.end(), [&](const SettingChange& other) { return other.key == line.key; });
    const OwnLine* old_line = line_of(commented, line.key);
    if (!is_theirs) back.push_back({line.key, line.before, old_line == nullptr ? "" : old_line->why});
  }
  return render_boot_file(file.path, now, back);
}

}  // namespace

Result<std::optional<std::string>> without_change(const FileChange& file, const std::optional<std::string>& now) {
  if (now == file.after) return file.before;
  if (file.path == kOwnBootFile) return own_file_without(file, now);
  if (!now) return now;  // they have removed it
  TRY(std::string merged, merge_sysctl_conf(file.after.value_or(""), file.before.value_or(""), *now));
  if (merged.empty() && !file.before) return std::optional<std::string>();
  return render_boot_file(file.path, merged, {});
}

}  // namespace twctl
