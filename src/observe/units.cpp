// The commands of systemd's units that a boot starts (systemd.unit(5), systemd.service(5)).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "observe/later_writers.hpp"

namespace twctl {
namespace {

constexpr std::string_view kEnabled = "/etc/systemd/system";
constexpr std::string_view kRuntime = "/run/systemd/system";
constexpr std::string_view kOfPackages = "/usr/lib/systemd/system";

// Of what packages enable by themselves, the target that every boot comes to; the earlier ones are of systemd's own
// services.
constexpr std::string_view kOfEveryBoot = "multi-user.target";

// A boot comes to these only where its default target is one of them, or pulls it in (systemd.special(7)).
constexpr std::array<std::string_view, 17> kOfSomeBoots{
    "graphical",   "rescue", "emergency", "shutdown", "reboot",  "poweroff",  "halt",         "kexec",
    "soft-reboot", "final",  "umount",    "sleep",    "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate",
    "exit"};

bool is_of_some_boots(std::string_view unit) {
  return unit.ends_with(".target") && is_one_of(unit.substr(0, unit.rfind('.')), kOfSomeBoots);
}

const std::string kDefaultTarget = "default.target";
const std::string kUsualTarget = "graphical.target";  // where no file says which is the default

constexpr std::size_t kLongestName = 255;  // of a unit

// Readers of their own know what these write, or their commands are the boot's own loader.
constexpr std::array<std::string_view, 3> kKnown{"ufw.service", "tuned.service", "systemd-sysctl.service"};

// One setting of a unit file; a line that ends in a backslash goes on.
struct UnitLine {
  std::string_view section;
  std::string_view key;
  std::string value;
  std::string_view path;
  int line = 0;
};

// The unit's own file, or a drop-in of it.
struct UnitFile {
  std::string path;
  std::string text;
  bool may_be_link = false;  // and is called by what it leads to
};

// Runs at every start of the unit.
bool is_start_command(std::string_view key) {
  return key == "ExecStart" || key == "ExecStartPre" || key == "ExecStartPost";
}

bool is_condition_key(std::string_view key) { return key.starts_with("Condition") || key.starts_with("Assert"); }
bool is_condition(const UnitLine& line) { return is_condition_key(line.key); }

// Units that are started with this one.
bool pulls_in(std::string_view key) { return key == "Wants" || key == "Requires" || key == "BindsTo"; }

bool may_start_ours(std::string_view unit) {
  return unit.ends_with(".service") || unit.ends_with(".target") || unit.ends_with(".timer");
}

bool counts(std::string_view key) {
  return is_start_command(key) || is_condition_key(key) || pulls_in(key) || key == "DefaultDependencies" ||
         key == "After";
}

// Those that count.
std::vector<UnitLine> lines_of(const UnitFile& file) {
  const std::string_view text = file.text;
  std::vector<UnitLine> lines;
  std::string_view section;
  bool goes_on = false;
  bool kept = false;  // the last one
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || is_comment(line)) continue;
    const bool continued = line.ends_with('\\');
    if (continued) line.remove_suffix(1);
    const std::size_t equals = line.find('=');
    if (goes_on) {
      if (kept) lines.back().value.append(" ").append(trim(line));
    } else if (line[0] == '[') {
      section = line;
    } else if (equals != std::string_view::npos) {
      const std::string_view key = trim(line.substr(0, equals));
      kept = counts(key);
      if (kept) lines.push_back({section, key, std::string(trim(line.substr(equals + 1))), file.path, number});
    }
    goes_on = continued;
  }
  return lines;
}

// Of all files together, in their order. An empty value takes back what the lines before it said.
std::vector<UnitLine> lines_of(const std::vector<UnitFile>& files) {
  std::vector<UnitLine> lines;
  std::map<std::string_view, std::size_t> taken_back;  // how many of `lines`, by key
  for (const UnitFile& file : files) {
    for (UnitLine& line : lines_of(file)) {
      if (line.value.empty()) {
        taken_back[line.key] = lines.size();
      } else {
        lines.push_back(std::move(line));
      }
    }
  }
  std::vector<UnitLine> kept;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto until = taken_back.find(lines[i].key);
    if (until == taken_back.end() || i >= until->second) kept.push_back(std::move(lines[i]));
  }
  return kept;
}

// "%i" and its kin are for systemd to expand (systemd.unit(5)), and none of what we know has a '%' in it.
void forget_specifiers(std::vector<CommandEffect>& effects) {
  const auto has_one = [](std::string_view text) { return text.find('%') != std::string_view::npos; };
  std::erase_if(effects, [&](const CommandEffect& effect) { return has_one(effect.key); });
  for (CommandEffect& effect : effects) {
    if (has_one(effect.value)) effect.value.clear();
  }
}

// Perhaps before the boot files are read: early units say when they run themselves.
bool is_early(const UnitLine& line) { return line.key == "DefaultDependencies" && line.value == "no"; }

bool comes_after_loader(const UnitLine& line) {
  return line.key == "After" && line.value.find("systemd-sysctl.service") != std::string::npos;
}

// A first look: most units run nothing that sets anything of ours.
bool runs_ours(const UnitFile& file) { return file.text.find("Exec") != std::string::npos && may_run_ours(file.text); }

bool names_others(const UnitFile& file) {
  const auto has = [&](std::string_view key) { return file.text.find(key) != std::string::npos; };
  return has("Wants=") || has("Requires=") || has("BindsTo=");
}

class UnitReader {
 public:
  explicit UnitReader(LaterScripts& scripts) : scripts_(scripts), files_(scripts.files()) {}

  std::vector<LaterWriter> read() {
    for (const std::string& name : enabled_) {
      const std::string_view target = std::string_view(name).substr(0, name.rfind('.'));
      const bool has_units = name.ends_with(".wants") || name.ends_with(".requires");
      if (has_units && !is_of_some_boots(target)) start_all(kEnabled, name);
    }
    for (const std::string_view directory : {kRuntime, kOfPackages}) {
      start_all(directory, fmt::format("{}.wants", kOfEveryBoot));
    }
    start(kDefaultTarget, of_packages(kDefaultTarget));
    const std::string default_target = find_default_target();
    start(default_target, of_packages(default_target));
    while (!wanted_.empty() && scripts_.within_limits()) {
      const std::string unit = std::move(wanted_.extract(wanted_.begin()).value());
      start(unit, file_of(unit));
    }
    for (const std::string_view target : kOfSomeBoots) {
      const std::string unit = fmt::format("{}.target", target);
      if (unit != default_target) start_all_of(unit, WriteTime::unknown);
    }
    while (!perhaps_wanted_.empty() && scripts_.within_limits()) {
      const std::string unit = std::move(perhaps_wanted_.extract(perhaps_wanted_.begin()).value());
      start(unit, file_of(unit), WriteTime::unknown);
    }
    return std::move(found_);
  }

 private:
  std::set<std::string> names_in(std::string_view directory) {
    const std::vector<std::string> names = files_.list(directory).value_or(std::vector<std::string>{});
    return {names.begin(), names.end()};
  }

  // Packages' directory is long, and asked for less than it would take to list it.
  bool may_have(std::string_view directory, const std::string& name) {
    if (directory == kOfPackages) return true;
    return (directory == kEnabled ? enabled_ : runtime_).contains(name);
  }

  void start_all(std::string_view directory, const std::string& folder, WriteTime when = WriteTime::at_boot) {
    if (!may_have(directory, folder)) return;
    const std::string path = fmt::format("{}/{}", directory, folder);
    for (const std::string& unit : files_.list(path).value_or(std::vector<std::string>{})) {
      start(unit, path + "/" + unit, when);
    }
  }

  void start_all_of(std::string_view target, WriteTime when) {
    for (const std::string_view directory : {kEnabled, kRuntime, kOfPackages}) {
      start_all(directory, fmt::format("{}.wants", target), when);
    }
    start_all(kEnabled, fmt::format("{}.requires", target), when);
  }

  // What its link leads to; its own name where it is no link, but a file.
  std::string find_default_target() {
    for (const std::string_view directory : {kEnabled, kRuntime, kOfPackages}) {
      if (!may_have(directory, kDefaultTarget)) continue;
      const std::string path = fmt::format("{}/{}", directory, kDefaultTarget);
      const std::optional<std::string> leads_to = files_.link_target(path);
      if (leads_to) return of_runlevel(leads_to->substr(leads_to->rfind('/') + 1));
      if (files_.exists(path)) return kDefaultTarget;
    }
    return kUsualTarget;
  }

  // Names of before systemd (runlevel(8)).
  static std::string of_runlevel(std::string target) {
    if (target == "runlevel5.target") return kUsualTarget;
    return target == "runlevel1.target" ? "rescue.target" : target;
  }

  void start(const std::string& unit, const std::string& link, WriteTime when = WriteTime::at_boot) {
    if (!seen_.insert(unit).second) return;
    if (is_one_of(unit, kKnown)) return read_commands(unit, drop_ins(unit), when);
    if (unit.ends_with(".service")) return read_unit(unit, link, when);
    if (unit.ends_with(".target") && when == WriteTime::at_boot) {
      if (enabled_.contains(unit)) read_unit(unit, link, when);
      if (is_of_some_boots(unit)) start_all_of(unit, when);
      return;
    }
    if (!unit.ends_with(".timer")) return;
    const std::string service = unit.substr(0, unit.rfind('.')) + ".service";
    if (seen_.insert(service).second) read_unit(service, of_packages(service), WriteTime::unknown);
  }

  // "tune@a.service" is made of "tune@.service".
  std::string file_of(const std::string& unit) {
    const std::size_t at = unit.find('@');
    const std::string name = at == std::string::npos ? unit : unit.substr(0, at + 1) + unit.substr(unit.rfind('.'));
    return enabled_.contains(name) ? fmt::format("{}/{}", kEnabled, name) : of_packages(name);
  }

  static std::string of_packages(const std::string& unit) { return fmt::format("{}/{}", kOfPackages, unit); }

  // The administrator's file of that name goes before what the link leads to.
  void read_unit(const std::string& unit, const std::string& link, WriteTime when) {
    UnitFile file{.path = fmt::format("{}/{}", kEnabled, unit), .text = {}};
    const bool has_own = enabled_.contains(unit);
    if (has_own && files_.link_target(file.path) == "/dev/null") return;
    if (has_own) file.text = scripts_.read(file.path);
    if (file.text.empty() && !scripts_.is_closed(file.path)) {
      file = {.path = link, .text = scripts_.read(link), .may_be_link = !scripts_.is_closed(link)};
    }
    std::vector<UnitFile> all = drop_ins(unit);
    all.insert(all.begin(), std::move(file));
    read_commands(unit, std::move(all), when);
  }

  // By name, a name in /etc before the same one elsewhere (systemd.unit(5)).
  std::vector<UnitFile> drop_ins(const std::string& unit) {
    std::map<std::string, std::string> paths;
    for (const std::string_view directory : {kEnabled, kRuntime, kOfPackages}) {
      if (!may_have(directory, unit + ".d")) continue;
      const std::string folder = fmt::format("{}/{}.d", directory, unit);
      for (const std::string& name : files_.list(folder).value_or(std::vector<std::string>{})) {
        if (name.ends_with(".conf")) paths.try_emplace(name, folder + "/" + name);
      }
    }
    std::vector<UnitFile> found;
    for (const auto& [name, path] : paths) found.push_back({path, scripts_.read(path)});
    return found;
  }

  void read_commands(const std::string& unit, std::vector<UnitFile> unit_files, WriteTime when) {
    const bool writes = std::any_of(unit_files.begin(), unit_files.end(), [&](const UnitFile& file) {
      return runs_ours(file) || scripts_.is_closed(file.path);
    });
    if (!writes && std::none_of(unit_files.begin(), unit_files.end(), names_others)) return;
    if (writes && unit_files.front().may_be_link) {
      std::string& path = unit_files.front().path;
      path = files_.link_target(path).value_or(path);
    }
    const std::vector<UnitLine> lines = lines_of(unit_files);
    pull_in(lines, when == WriteTime::at_boot ? wanted_ : perhaps_wanted_);
    if (!writes) return;
    const auto any = [&](bool (*is)(const UnitLine&)) { return std::any_of(lines.begin(), lines.end(), is); };
    const bool doubtful = any(is_condition) || (any(is_early) && !any(comes_after_loader));
    ScriptReader reader(scripts_, true);
    for (const UnitFile& file : unit_files) reader.add_if_closed(file.path);
    for (const UnitLine& line : lines) {
      if (line.section != "[Service]" || !is_start_command(line.key)) continue;
      if (!scripts_.take_text(line.value.size())) return;
      const std::string_view value = line.value;
      const std::size_t begin = std::min(value.find_first_not_of("-@:+!|"), value.size());
      const auto is_marked = [&](char mark) { return value.substr(0, begin).find(mark) != std::string_view::npos; };
      std::vector<CommandEffect> effects =  // systemd.service(5)
          effects_without_shell(value.substr(begin), {.ends = !is_marked('-'), .names_itself = is_marked('@')});
      for (CommandEffect& effect : effects) effect.line = line.line;
      forget_specifiers(effects);
      reader.add_effects(line.path, effects, !doubtful);
    }
    for (LaterWriter& writer : writers_of(reader.take(), unit, unit_files.front().path, when)) {
      found_.push_back(std::move(writer));
    }
  }

  void pull_in(const std::vector<UnitLine>& lines, std::set<std::string, std::less<>>& wanted) {
    for (const UnitLine& line : lines) {
      if (line.section != "[Unit]" || !pulls_in(line.key)) continue;
      if (!scripts_.take_text(line.value.size())) return;
      for (const std::string_view unit : words(line.value)) {
        const bool counts = unit.size() <= kLongestName && may_start_ours(unit) && !seen_.contains(unit);
        if (counts && !wanted.contains(unit) && scripts_.take_commands(1)) wanted.emplace(unit);
      }
    }
  }

  LaterScripts& scripts_;
  HostFiles& files_;
  std::set<std::string, std::less<>> wanted_;          // by units that have been read, and not yet seen
  std::set<std::string, std::less<>> perhaps_wanted_;  // by those that are perhaps started
  std::set<std::string> enabled_ = names_in(kEnabled);
  std::set<std::string> runtime_ = names_in(kRuntime);
  std::set<std::string, std::less<>> seen_;
  std::vector<LaterWriter> found_;
};

}  // namespace

std::vector<LaterWriter> find_units(LaterScripts& scripts) { return UnitReader(scripts).read(); }

}  // namespace twctl
