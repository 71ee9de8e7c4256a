#include "rules/reapplied_lines.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "formats/tuned.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kRun = "/run/sysctl.d/";
constexpr std::string_view kEtc = "/etc/sysctl.d/";

using FilesByName = std::map<std::string_view, const BootConfig::File*>;

void claim(FilesByName& files, std::string_view directory, const BootConfig::File& file) {
  const std::string_view path = file.path;
  if (!path.starts_with(directory) || !path.ends_with(".conf")) return;
  files.try_emplace(path.substr(directory.size()), &file);
}

// By name, then /etc/sysctl.conf.
BootFiles order_of_tuned(const BootFiles& all) {
  FilesByName named;
  for (const std::string_view directory : {kRun, kEtc}) {
    for (const BootConfig::File* file : all) claim(named, directory, *file);
  }
  BootFiles order;
  for (const auto& [name, file] : named) order.push_back(file);
  std::copy_if(all.begin(), all.end(), std::back_inserter(order),
               [](const auto* file) { return file->path == kSysctlConf; });
  return order;
}

bool sets(const Assignment& line, std::string_view key) {
  if (line.exclusion || line.ignore_errors) return false;
  return line.key == key || (!is_ordinary_key(line.key) && !has_glob(line) && key_for_tuned(line.key) == key);
}

void suppose(std::vector<ReappliedLine>& lines, const BootConfig::File& file, const std::optional<std::string>& value) {
  if (!value) return lines.clear();
  if (lines.empty()) lines.push_back({.value = {}, .where = {edited_path(file), 0}});
  lines.back().value = *value;
}

}  // namespace

std::vector<ReappliedLine> reapplied_lines(const Setting& setting, const BootConfig& config,
                                           const SupposedLine* supposed) {
  BootFiles all = all_files(config);
  const BootConfig::File added{.path = supposed == nullptr ? std::string() : std::string(supposed->file)};
  const auto is_it = [&](const BootConfig::File& file) { return leads_to(file, added.path); };
  if (supposed != nullptr && std::none_of(all.begin(), all.end(), [&](const auto* file) { return is_it(*file); })) {
    all.push_back(&added);
  }
  std::vector<ReappliedLine> found;
  for (const BootConfig::File* file : order_of_tuned(all)) {
    std::vector<ReappliedLine> lines;
    for (const Assignment& line : as_read_by(Loader::systemd, *file).assignments) {
      if (sets(line, setting.key)) lines.push_back({line.value, {edited_path(*file), line.line}});
    }
    if (supposed != nullptr && is_it(*file)) suppose(lines, *file, supposed->value);
    std::move(lines.begin(), lines.end(), std::back_inserter(found));
  }
  return found;
}

}  // namespace twctl
