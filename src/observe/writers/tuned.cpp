// TuneD's active profiles, as its sysctl plugin writes them (tuned/plugins/plugin_sysctl.py).

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "observe/writers/later_writers.hpp"
#include "observe/writers/tuned_profiles.hpp"

namespace twctl {
namespace {

bool is_safe_name(std::string_view name) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.find_first_not_of(kSafe) == std::string_view::npos && name != "." && name != "..";
}

// What a variable stands for is known to TuneD only: the value is then not known.
void add_writes(const TunedUnit& unit, std::vector<LaterWrite>& writes) {
  for (const TunedOption& option : unit.options) {
    std::string key = key_for_tuned(option.key);
    if (find_setting(Os::linux_kernel, key) == nullptr) continue;
    const std::string_view value = is_known_to_tuned_only(option.value) ? "" : unquoted_by_tuned(option.value);
    writes.push_back({.key = std::move(key), .value = std::string(value), .where = {option.file, option.line}});
  }
}

// Each runs with "start" as its argument; what it then does depends on that, and on what TuneD's own functions do.
void add_scripts(LaterScripts& scripts, const TunedProfile& profile, std::vector<LaterWriter>& found) {
  for (const TunedUnit& unit : profile.units) {
    if (unit.type != kTunedScript || !unit.enabled) continue;
    for (const TunedOption& option : unit.options) {
      if (option.key != kTunedScript) continue;
      for (const std::string_view line : split(option.value, '\n')) {
        const std::string path(line);
        ScriptReader reader(scripts, true);
        reader.add_text(path, scripts.read(path), false);
        reader.add_if_closed(path);
        for (LaterWriter& writer : writers_of(reader.take(), kTuned, path, WriteTime::unknown)) {
          found.push_back(std::move(writer));
        }
      }
    }
  }
}

// tuned-main.conf: reapply_sysctl, on unless it is switched off. TuneD puts a section over that file, which has none.
bool reapplies_boot_files(std::string_view main_config) {
  bool reapplies = true;
  for (const TunedOption& option : read_tuned_text("[main]\n" + std::string(main_config)).options) {
    if (option.key != "reapply_sysctl") continue;
    const std::string value = to_lower(option.value);
    reapplies = value != "0" && value != "false" && value != "no" && value != "off";
  }
  return reapplies;
}

// Started at the next boot; or running now, which says nothing of the next boot.
WriteTime time_of(HostFiles& files) {
  constexpr std::string_view kWanted = "/etc/systemd/system/multi-user.target.wants/tuned.service";
  const bool masked = files.link_target("/etc/systemd/system/tuned.service") == "/dev/null";
  return files.link_target(kWanted).has_value() && !masked ? WriteTime::at_boot : WriteTime::unknown;
}

}  // namespace

std::vector<LaterWriter> find_tuned(LaterScripts& scripts) {
  HostFiles& files = scripts.files();
  constexpr std::string_view kActive = "/etc/tuned/active_profile";
  const std::string active = text_of(files, kActive) + " " + text_of(files, "/etc/tuned/post_loaded_profile");
  const WriteTime when = words(active).empty() ? WriteTime::unknown : time_of(files);
  if (words(active).empty() || (when == WriteTime::unknown && !files.exists("/run/tuned/tuned.pid"))) return {};
  TunedLoader loader(files);
  for (const std::string_view name : words(active)) {
    if (is_safe_name(name)) loader.add(name);
  }
  const LoadedTuned loaded = loader.loaded();
  if (!loaded.too_long.empty()) {
    scripts.refuse(fmt::format("has profiles of TuneD with more than {}", loaded.too_long));
  }
  const bool reapplies = reapplies_boot_files(text_of(files, "/etc/tuned/tuned-main.conf"));
  const std::string evidence =
      fmt::format("{}: {}{}", kActive, escape(trim(active)), loaded.refused ? "; " + loaded.remark : "");
  LaterWriter always{.name = std::string(kTuned), .evidence = evidence, .when = when, .refused = loaded.refused};
  if (!loaded.refused) always.unread = loaded.remark;
  LaterWriter perhaps{.name = std::string(kTuned), .evidence = evidence};
  for (const TunedUnit& unit : sysctl_units(loaded.profile)) {
    add_writes(unit, unit.conditional ? perhaps.writes : always.writes);
    (unit.conditional ? perhaps : always).boot_files_win = reapplies;
  }
  std::vector<LaterWriter> found{std::move(always)};
  if (!perhaps.writes.empty()) found.push_back(std::move(perhaps));
  add_scripts(scripts, loaded.profile, found);
  return found;
}

}  // namespace twctl
