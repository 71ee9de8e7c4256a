// The commands of systemd's units that a boot starts (systemd.unit(5), systemd.service(5)).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "formats/plain_words.hpp"
#include "observe/later_writers.hpp"

namespace twctl {
namespace {

constexpr std::string_view kEnabled = kUnitFolders[0];  // the administrator's
constexpr std::string_view kRuntime = kUnitFolders[1];
constexpr auto kOfOthers = std::span(kUnitFolders).subspan<1>();

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
};

// Runs at every start of the unit.
bool is_start_command(std::string_view key) {
  return key == "ExecStart" || key == "ExecStartPre" || key == "ExecStartPost";
}

bool is_condition_key(std::string_view key) { return key.starts_with("Condition") || key.starts_with("Assert"); }
bool is_true(std::string_view value) {
  constexpr std::array<std::string_view, 5> kTrue{"1", "yes", "y", "true", "on"};
  return is_one_of(to_lower(value), kTrue);
}

// It may keep the commands from being run, or from writing to the kernel's settings.
bool is_condition(const UnitLine& line) {
  if (line.key == "User") return line.value != "root" && line.value != "0";
  if (line.key == "DynamicUser" || line.key == "ProtectKernelTunables") return is_true(line.value);
  return is_condition_key(line.key) || line.key == "ExecCondition";
}

// The commands run in a network namespace of their own, whose values are not this host's (systemd.exec(5)).
bool leaves_network(const UnitLine& line) {
  return (line.key == "PrivateNetwork" && is_true(line.value)) || line.key == "NetworkNamespacePath";
}

// Units that are started with this one.
bool pulls_in(std::string_view key) { return key == "Wants" || key == "Requires" || key == "BindsTo"; }

// At a time that is not known, the service of its name.
bool starts_service(std::string_view unit) {
  return unit.ends_with(".timer") || unit.ends_with(".path") || unit.ends_with(".socket");
}

bool may_start_ours(std::string_view unit) {
  return unit.ends_with(".service") || unit.ends_with(".target") || starts_service(unit);
}

bool counts(std::string_view key) {
  constexpr std::array<std::string_view, 9> kOthers{"ExecCondition",  "User",
                                                    "DynamicUser",    "ProtectKernelTunables",
                                                    "PrivateNetwork", "NetworkNamespacePath",
                                                    "Type",           "DefaultDependencies",
                                                    "After"};
  return is_start_command(key) || is_condition_key(key) || pulls_in(key) || is_one_of(key, kOthers);
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

// "a b" of "a-b", which systemd-escape(1) has made.
std::string unit_unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const bool is_byte = text.substr(at).starts_with("\\x") && at + 4 <= text.size() &&
                         std::from_chars(&text[at + 2], &text[at + 2] + 2, byte, 16).ptr == &text[at + 2] + 2;
    plain += is_byte ? static_cast<char>(byte) : text[at] == '-' ? '/' : text[at];
    at += is_byte ? 3 : 0;
  }
  return plain;
}

// What a specifier of systemd.unit(5) stands for in a unit of that name; nullopt: only the running system knows.
std::optional<std::string> specifier(char letter, const std::string& unit) {
  const std::string name = unit.substr(0, unit.rfind('.'));
  const std::string prefix = name.substr(0, name.find('@'));
  const std::string instance = name.find('@') == std::string::npos ? "" : name.substr(name.find('@') + 1);
  const std::string last = prefix.substr(prefix.rfind('-') + 1);
  switch (letter) {
    case 'n':
      return unit;
    case 'N':
      return name;
    case 'p':
      return prefix;
    case 'P':
      return unit_unescaped(prefix);
    case 'i':
      return instance;
    case 'I':
      return unit_unescaped(instance);
    case 'j':
      return last;
    case 'J':
      return unit_unescaped(last);
    case 'f':
      return "/" + unit_unescaped(instance.empty() ? prefix : instance);
    case 'E':
      return "/etc";
    case 't':
      return "/run";
    case 'S':
      return "/var/lib";
    case 'C':
      return "/var/cache";
    case 'L':
      return "/var/log";
    case 'T':
      return "/tmp";
    case 'V':
      return "/var/tmp";
    case '%':
      return "%";
    default:
      return std::nullopt;
  }
}

// With what systemd would put for specifiers. What stands behind a '$' is not known.
void expand(ShellWord& word, const std::string& unit) {
  std::string text;
  bool known = word.text.find('$') == std::string::npos;
  for (std::size_t at = 0; at < word.text.size(); ++at) {
    if (std::string_view(word.text).substr(at).starts_with("$$")) ++at;  // a '$' for the command's own shell
    const bool is_specifier = word.text[at] == '%' && at + 1 < word.text.size();
    const auto value = is_specifier ? specifier(word.text[at + 1], unit) : std::nullopt;
    known = known && (!is_specifier || value);
    if (is_specifier && !value) text += '$';  // as what a shell only knows
    text += value ? *value : word.text.substr(at, is_specifier ? 2 : 1);
    at += is_specifier ? 1 : 0;
  }
  word = {.text = std::move(text), .known = known};
}

// A service of another type than oneshot has one command, or systemd does not take it (systemd.service(5)).
bool is_refused(const std::vector<UnitLine>& lines) {
  std::size_t commands = 0;
  bool oneshot = false;
  for (const UnitLine& line : lines) {
    if (line.section != "[Service]") continue;
    if (line.key == "Type") oneshot = line.value == "oneshot";
    if (line.key == "ExecStart") commands += unit_commands(line.value).size();
  }
  return commands > 1 && !oneshot;
}

// Perhaps before the boot files are read: early units say when they run themselves.
bool is_early(const UnitLine& line) { return line.key == "DefaultDependencies" && line.value == "no"; }

bool comes_after_loader(const UnitLine& line) {
  return line.key == "After" && line.value.find("systemd-sysctl.service") != std::string::npos;
}

bool is_known(const std::string& unit) { return std::find(kKnown.begin(), kKnown.end(), unit) != kKnown.end(); }

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
    for (std::string& name : files_.list(kEnabled).value_or(std::vector<std::string>{})) {
      enabled_.insert(std::move(name));
    }
    const bool lib_is_link = files_.link_target("/lib").has_value();  // then it is /usr/lib
    if (lib_is_link) names_.back() = std::vector<std::string>{};
    for (std::size_t i = 0; i < kOfOthers.size() - (lib_is_link ? 1 : 0); ++i) {
      if (auto names = files_.list(kOfOthers[i])) names_[i] = *std::move(names);
    }
    for (const std::string& name : enabled_) {
      const std::string_view target = std::string_view(name).substr(0, name.rfind('.'));
      const bool has_units = name.ends_with(".wants") || name.ends_with(".requires");
      if (has_units && !is_of_some_boots(target)) start_all(fmt::format("{}/{}", kEnabled, name));
    }
    for (const std::string_view target : kOfEveryBoot) {
      for (const std::string& path : in_others(fmt::format("{}.wants", target))) start_all(path);
    }
    start(kDefaultTarget, of_others(kDefaultTarget));
    start(default_target(), of_others(default_target()));
    while (!wanted_.empty() && scripts_.within_limits()) {
      const std::string unit = std::move(wanted_.extract(wanted_.begin()).value());
      start(unit, file_of(unit));
    }
    for (const std::string_view target : kOfSomeBoots) {
      start_all_of(fmt::format("{}.target", target), WriteTime::unknown);
    }
    while (!perhaps_wanted_.empty() && scripts_.within_limits()) {
      const std::string unit = std::move(perhaps_wanted_.extract(perhaps_wanted_.begin()).value());
      start(unit, file_of(unit), WriteTime::unknown);
    }
    return std::move(found_);
  }

 private:
  void start_all(const std::string& directory, WriteTime when = WriteTime::at_boot) {
    for (const std::string& unit : files_.list(directory).value_or(std::vector<std::string>{})) {
      start(unit, directory + "/" + unit, when);
    }
  }

  void start_all_of(std::string_view target, WriteTime when) {
    for (const std::string_view kind : {"wants", "requires"}) {
      const std::string name = fmt::format("{}.{}", target, kind);
      if (enabled_.contains(name)) start_all(fmt::format("{}/{}", kEnabled, name), when);
      for (const std::string& path : in_others(name)) start_all(path, when);
    }
  }

  // What its link leads to; its own name where it is no link, but a file.
  std::string default_target() {
    std::string path = fmt::format("{}/{}", kEnabled, kDefaultTarget);
    if (!files_.exists(path) && !files_.link_target(path)) path = of_others(kDefaultTarget);
    const std::optional<std::string> leads_to = files_.link_target(path);
    if (leads_to) return of_runlevel(leads_to->substr(leads_to->rfind('/') + 1));
    return files_.exists(path) ? kDefaultTarget : kUsualTarget;
  }

  // Names of before systemd (runlevel(8)).
  static std::string of_runlevel(std::string target) {
    if (target == "runlevel5.target") return kUsualTarget;
    return target == "runlevel1.target" ? "rescue.target" : target;
  }

  void start(const std::string& unit, const std::string& link, WriteTime when = WriteTime::at_boot) {
    if (!seen_.insert(unit).second) return;
    if (is_known(unit)) return read_commands(unit, drop_ins(unit), when);
    if (unit.ends_with(".service")) return read_unit(unit, link, when);
    if (unit.ends_with(".target") && when == WriteTime::at_boot) {
      read_unit(unit, link, when);
      return start_all_of(unit, when);
    }
    if (!starts_service(unit)) return;
    std::string service = unit.substr(0, unit.rfind('.')) + ".service";
    if (!seen_.contains(service)) perhaps_wanted_.insert(std::move(service));  // which the boot may start all the same
  }

  // "tune@a.service" is made of "tune@.service".
  static std::string template_of(const std::string& unit) {
    const std::size_t at = unit.find('@');
    return at == std::string::npos ? unit : unit.substr(0, at + 1) + unit.substr(unit.rfind('.'));
  }

  std::string file_of(const std::string& unit) {
    const std::string name = template_of(unit);
    return enabled_.contains(name) ? fmt::format("{}/{}", kEnabled, name) : of_others(name);
  }

  // The first that is there.
  std::string of_others(const std::string& unit) {
    const std::vector<std::string> paths = in_others(unit);
    return paths.empty() ? fmt::format("{}/{}", kOfOthers[2], unit) : paths.front();
  }

  // Where that name is; perhaps, in a folder that may not be listed.
  std::vector<std::string> in_others(const std::string& name) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < kOfOthers.size(); ++i) {
      const bool has = !names_[i] || std::binary_search(names_[i]->begin(), names_[i]->end(), name);
      if (has) paths.push_back(fmt::format("{}/{}", kOfOthers[i], name));
    }
    return paths;
  }

  // The administrator's file of that name goes before what the link leads to.
  void read_unit(const std::string& unit, const std::string& link, WriteTime when) {
    std::string path = fmt::format("{}/{}", kEnabled, unit);
    const bool has_own = enabled_.contains(unit);
    if (has_own && files_.link_target(path) == "/dev/null") return;
    std::string text = has_own ? scripts_.read(path) : "";
    if (text.empty() && !scripts_.is_closed(path)) {
      text = scripts_.read(link);
      path = scripts_.is_closed(link) ? link : files_.link_target(link).value_or(link);
    }
    std::vector<UnitFile> all = drop_ins(unit);
    all.insert(all.begin(), {std::move(path), std::move(text)});
    read_commands(unit, all, when);
  }

  // By name, a name in /etc before the same one elsewhere (systemd.unit(5)).
  std::vector<UnitFile> drop_ins(const std::string& unit) {
    std::map<std::string, std::string> paths;
    const auto add_of = [&](const std::string& folder) {
      for (const std::string& name : files_.list(folder).value_or(std::vector<std::string>{})) {
        if (name.ends_with(".conf")) paths.try_emplace(name, folder + "/" + name);
      }
    };
    const auto add = [&](const std::string& name_of_unit) {
      const std::string name = name_of_unit + ".d";
      if (enabled_.contains(name)) add_of(fmt::format("{}/{}", kEnabled, name));
      for (const std::string& folder : in_others(name)) add_of(folder);
    };
    add(unit);
    if (unit.find('@') != std::string::npos) add(template_of(unit));
    std::vector<UnitFile> found;
    for (const auto& [name, path] : paths) found.push_back({path, scripts_.read(path)});
    return found;
  }

  void read_commands(const std::string& unit, const std::vector<UnitFile>& unit_files, WriteTime when) {
    const auto counts = [&](const UnitFile& file) {
      return runs_ours(file) || names_others(file) || scripts_.is_closed(file.path);
    };
    if (std::none_of(unit_files.begin(), unit_files.end(), counts)) return;
    const std::vector<UnitLine> lines = lines_of(unit_files);
    pull_in(lines, when == WriteTime::at_boot ? wanted_ : perhaps_wanted_);
    const auto any = [&](bool (*is)(const UnitLine&)) { return std::any_of(lines.begin(), lines.end(), is); };
    if (is_refused(lines)) return;
    const bool doubtful = any(is_condition) || (any(is_early) && !any(comes_after_loader));
    ScriptReader reader(scripts_, true);
    if (any(leaves_network)) reader.leave_network();
    for (const UnitFile& file : unit_files) reader.add_if_closed(file.path);
    for (const UnitLine& line : lines) {
      if (line.section != "[Service]" || !is_start_command(line.key)) continue;
      if (!scripts_.take_text(line.value.size())) return;
      for (UnitCommand& command : unit_commands(line.value))
        add_command(std::move(command), line, unit, !doubtful, reader);
    }
    for (LaterWriter& writer : writers_of(reader.take(), unit, unit_files.front().path, when)) {
      found_.push_back(std::move(writer));
    }
  }

  static void add_command(UnitCommand command, const UnitLine& line, const std::string& unit, bool sure,
                          ScriptReader& reader) {
    const auto is_marked = [&](char mark) { return command.marks.find(mark) != std::string_view::npos; };
    for (ShellWord& word : command.words) expand(word, unit);
    if (is_marked('@') && command.words.size() > 1) command.words.erase(command.words.begin() + 1);
    std::vector<CommandEffect> effects = effects_without_shell(std::move(command.words), !is_marked('-'));
    for (CommandEffect& effect : effects) effect.line = line.line;
    reader.add_effects(line.path, effects, sure);
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
  std::set<std::string> enabled_;                      // names in the administrator's directory
  std::array<std::optional<std::vector<std::string>>, kOfOthers.size()> names_;  // in the others; nullopt: not known
  std::set<std::string, std::less<>> seen_;
  std::vector<LaterWriter> found_;
};

}  // namespace

std::vector<LaterWriter> find_units(LaterScripts& scripts) { return UnitReader(scripts).read(); }

}  // namespace twctl
