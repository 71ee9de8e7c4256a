// The units of systemd that a boot starts, or may start (systemd.unit(5), systemd.special(7)).
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
#include "observe/writers/later_writers.hpp"
#include "observe/writers/unit_commands.hpp"
#include "observe/writers/unit_folders.hpp"
#include "observe/writers/unit_lines.hpp"

namespace twctl {
namespace {

constexpr std::string_view kEnabled = kUnitFolders[0];  // the administrator's
constexpr std::string_view kPackages = kUnitFolders[3];

// Of what packages enable by themselves, the targets that every boot comes to.
constexpr std::array<std::string_view, 3> kOfEveryBoot{"sysinit.target", "basic.target", "multi-user.target"};

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

// At a time that is not known, another unit.
bool starts_another(std::string_view unit) {
  return unit.ends_with(".timer") || unit.ends_with(".path") || unit.ends_with(".socket");
}

bool may_start_ours(std::string_view unit) {
  return unit.ends_with(".service") || unit.ends_with(".target") || starts_another(unit);
}

bool is_known(const std::string& unit) { return is_one_of(unit, kKnown); }

std::string_view name_without_type(std::string_view unit) { return unit.substr(0, unit.rfind('.')); }
std::string_view type_of(std::string_view unit) { return unit.substr(name_without_type(unit).size() + 1); }

class UnitReader {
 public:
  explicit UnitReader(LaterScripts& scripts) : scripts_(scripts), files_(scripts.files()), folders_(files_) {}

  std::vector<LaterWriter> read() {
    for (const std::string& name : folders_.administrators()) {
      const bool has_units = name.ends_with(".wants") || name.ends_with(".requires");
      if (has_units && !is_of_some_boots(name_without_type(name))) start_all(fmt::format("{}/{}", kEnabled, name));
    }
    for (const std::string_view target : kOfEveryBoot) {
      for (const std::string& path : folders_.all_of(fmt::format("{}.wants", target))) {
        if (!path.starts_with(kEnabled)) start_all(path);
      }
    }
    start(kDefaultTarget, of_packages(kDefaultTarget));
    start(default_target(), of_packages(default_target()));
    start_wanted(wanted_, WriteTime::at_boot);
    for (const std::string_view target : kOfSomeBoots) {
      start_all_of(fmt::format("{}.target", target), WriteTime::unknown);
    }
    start_wanted(perhaps_wanted_, WriteTime::unknown);
    return std::move(found_);
  }

 private:
  using Names = std::set<std::string, std::less<>>;

  void start_wanted(Names& wanted, WriteTime when) {
    while (!wanted.empty() && scripts_.within_limits()) {
      const std::string unit = std::move(wanted.extract(wanted.begin()).value());
      start(unit, of_packages(unit), when);
    }
  }

  void start_all(const std::string& directory, WriteTime when = WriteTime::at_boot) {
    const std::string of_whom = fmt::format("{}/", file_name(directory));
    for (const std::string& unit : files_.list(directory).value_or(std::vector<std::string>{})) {
      if (!may_start_ours(unit) || seen_.contains(unit) || masked_links_.contains(of_whom + unit)) continue;
      const std::string link = directory + "/" + unit;
      if (files_.link_target(link) == "/dev/null") {
        masked_links_.insert(of_whom + unit);  // the same link in later folders, too; others may start the unit
      } else {
        start(unit, link, when);
      }
    }
  }

  void start_all_of(std::string_view target, WriteTime when) {
    for (const std::string_view kind : {"wants", "requires"}) {
      for (const std::string& path : folders_.all_of(fmt::format("{}.{}", target, kind))) start_all(path, when);
    }
  }

  static std::string of_packages(const std::string& unit) { return fmt::format("{}/{}", kPackages, unit); }

  // What its link leads to; its own name where it is no link, but a file.
  std::string default_target() {
    for (const std::string& path : folders_.all_of(kDefaultTarget)) {
      const std::optional<std::string> leads_to = files_.link_target(path);
      if (leads_to) return of_runlevel(std::string(file_name(*leads_to)));
      if (files_.exists(path)) return kDefaultTarget;
    }
    return kUsualTarget;
  }

  // Names of before systemd (runlevel(8)).
  static std::string of_runlevel(std::string target) {
    if (target == "runlevel5.target") return kUsualTarget;
    return target == "runlevel1.target" ? "rescue.target" : target;
  }

  // `link`: what shows that it is started. Its file may be there alone.
  void start(const std::string& unit, const std::string& link, WriteTime when = WriteTime::at_boot) {
    if (!may_start_ours(unit) || !seen_.insert(unit).second) return;
    if (is_known(unit)) return read_commands(unit, drop_ins(unit), when);
    const bool is_target = unit.ends_with(".target");
    if (is_target && when != WriteTime::at_boot) return;
    const std::optional<UnitFile> file = file_of(unit, link);
    if (!file) return;
    std::vector<UnitFile> files = drop_ins(unit);
    files.insert(files.begin(), *file);
    if (starts_another(unit)) return start_another(unit, files);
    read_commands(unit, files, when);
    if (is_target) start_all_of(unit, when);
  }

  // nullopt: it is masked. A link that leads nowhere is passed over.
  std::optional<UnitFile> file_of(const std::string& unit, const std::string& link) {
    for (const std::string& path : folders_.files_of(unit)) {
      std::string text = scripts_.read(path);
      if (folders_.is_masked(path, text)) return std::nullopt;
      if (!text.empty() || scripts_.is_closed(path)) return UnitFile{path, std::move(text)};
    }
    std::string text = scripts_.read(link);
    return UnitFile{scripts_.is_closed(link) ? link : files_.link_target(link).value_or(link), std::move(text)};
  }

  std::vector<UnitFile> drop_ins(const std::string& unit) {
    std::map<std::string, UnitFile> by_name;
    for (const auto& [name, path] : folders_.drop_ins(unit)) {
      by_name.emplace(name, UnitFile{path, scripts_.read(path)});
    }
    for (const UnitFile& file : drop_ins_of_type(type_of(unit))) {
      if (!scripts_.take_text(file.text.size())) break;  // once more for each unit
      by_name.try_emplace(std::string(file_name(file.path)), file);
    }
    std::vector<UnitFile> found;
    for (auto& [name, file] : by_name) found.push_back(std::move(file));
    return found;
  }

  // Those that say something which counts: each unit of the type is read with them.
  const std::vector<UnitFile>& drop_ins_of_type(std::string_view type) {
    const auto [files, is_new] = of_type_.try_emplace(std::string(type));
    if (!is_new) return files->second;
    for (const auto& [name, path] : folders_.drop_ins_of_type(type)) {
      std::vector<UnitFile> file{{path, scripts_.read(path)}};
      if (scripts_.is_closed(path) || !unit_lines(file).empty()) files->second.push_back(std::move(file.front()));
    }
    return files->second;
  }

  // The boot may start it all the same.
  void start_another(const std::string& unit, const std::vector<UnitFile>& files) {
    std::size_t room = kMostExpanded;
    for (const std::string& named : units_started_by(unit_lines(files))) {
      const std::string own = std::string(name_without_type(unit)) + named + ".service";
      ShellWord other{.text = named.empty() || named == "@" ? own : named};
      if (other.text == named) expand_specifiers(other, unit, room);
      want(other.text, perhaps_wanted_);
    }
  }

  void read_commands(const std::string& unit, const std::vector<UnitFile>& unit_files, WriteTime when) {
    // Most units name nothing of ours. One file may name it, and another one of the unit have the command.
    const auto some = [&](const auto& is) { return std::any_of(unit_files.begin(), unit_files.end(), is); };
    const bool runs_ours =
        some([&](const UnitFile& file) { return may_run_ours(file.text) || scripts_.is_closed(file.path); });
    if (!runs_ours && !some([](const UnitFile& file) { return names_others(file.text); })) return;
    const std::vector<UnitLine> lines = unit_lines(unit_files);
    pull_in(lines, when == WriteTime::at_boot ? wanted_ : perhaps_wanted_);
    if (!runs_ours) return;
    const auto any = [&](bool (*is)(const UnitLine&)) { return std::any_of(lines.begin(), lines.end(), is); };
    if (is_refused(lines)) return;
    const bool sure = !any(is_condition) && !is_early(lines);
    ScriptReader reader(scripts_, true);
    if (any(leaves_network)) reader.leave_network();
    for (const UnitFile& file : unit_files) reader.add_if_closed(file.path);
    const UnitStreams streams = streams_of(lines);
    for (const UnitLine& line : commands_of(lines)) {
      if (!scripts_.take_text(line.value.size() + streams.size())) return;
      for (const auto& effects : effects_of_unit(line, unit, streams)) {
        reader.add_effects(line.path, effects, sure && is_start_command(line));
      }
    }
    for (LaterWriter& writer : writers_of(reader.take(), unit, unit_files.front().path, when)) {
      found_.push_back(std::move(writer));
    }
  }

  void pull_in(const std::vector<UnitLine>& lines, Names& wanted) {
    for (const UnitLine& line : lines) {
      if (!pulls_in(line)) continue;
      if (!scripts_.take_text(line.value.size())) return;
      for (const std::string_view unit : words(line.value)) want(unit, wanted);
    }
  }

  void want(std::string_view unit, Names& wanted) {
    const bool counts = unit.size() <= kLongestName && may_start_ours(unit) && !seen_.contains(unit);
    if (counts && !wanted.contains(unit) && scripts_.take_commands(1)) wanted.emplace(unit);
  }

  LaterScripts& scripts_;
  HostFiles& files_;
  UnitFolders folders_;
  Names wanted_;          // by units that have been read, and not yet seen
  Names perhaps_wanted_;  // by those that are perhaps started
  Names seen_;
  Names masked_links_;                                    // "multi-user.target.wants/x.service"
  std::map<std::string, std::vector<UnitFile>> of_type_;  // drop-ins
  std::vector<LaterWriter> found_;
};

}  // namespace

std::vector<LaterWriter> find_units(LaterScripts& scripts) { return UnitReader(scripts).read(); }

}  // namespace twctl
