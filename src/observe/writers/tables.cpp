// Tables that a boot reads and that are no scripts, but may set a setting of ours: tmpfiles.d, udev's rules, modprobe.d
// and cloud-init's configuration. When they act, before or after the loader, is not known of any of them.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "formats/plain_words.hpp"
#include "observe/boot_files.hpp"
#include "observe/writers/later_writers.hpp"

namespace twctl {
namespace {

using Effects = std::vector<CommandEffect>;

// Of tmpfiles.d, what the lines before have said: the keys that one of them writes, and whether it appends.
using Written = std::map<std::string, bool>;

struct TablePlace {
  std::string_view name;                        // how it is called in what twctl says
  std::array<std::string_view, 5> directories;  // in order of precedence: of one name only the first file counts
  std::string_view ending;
  Effects (*read)(std::string_view text, Written& before);
};

void add_at(Effects& effects, Effects more, int line) {
  for (CommandEffect& effect : more) {
    effect.line = line;
    effects.push_back(std::move(effect));
  }
}

// Calls `use` with each line that says something, and its number.
void for_each_line(std::string_view text, const auto& use) {
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string_view said = trim(line);
    if (!said.empty() && !is_comment(said)) use(line, number);
  }
}

// The key of a path as tmpfiles.d has it: perhaps in quotes, perhaps with more slashes than it takes.
std::string key_in_tmpfiles(std::string_view path) {
  if (path.size() > 1 && path.starts_with('"') && path.ends_with('"')) path = path.substr(1, path.size() - 2);
  std::string plain;
  for (const char c : path) {
    if (c != '/' || !plain.ends_with('/')) plain += c;
  }
  return key_of_file(plain);
}

// tmpfiles.d(5): "w /proc/sys/net/ipv4/tcp_tw_reuse - - - - 1". systemd-tmpfiles is ordered neither before nor after
// systemd-sysctl. Of several lines that write one file the first counts, by the names of their files, unless all of
// them append (measured with systemd 252).
Effects tmpfiles_effects(std::string_view text, Written& before) {
  Effects effects;
  for_each_line(text, [&](std::string_view line, int number) {
    const std::string_view type = take_word(line);
    const auto is_also = [&](char modifier) { return type.find(modifier) != std::string_view::npos; };
    const bool writes = type.starts_with('w');
    const bool makes = type.starts_with('F') || (type.starts_with('f') && is_also('+'));
    if (!writes && !makes) return;
    const std::string key = key_in_tmpfiles(take_word(line));
    for (int field = 0; field < 4; ++field) (void)take_word(line);  // mode, user, group, age
    line = trim(line);
    if (key.empty() || line.empty()) return;
    if (writes) {
      const auto [first, is_first] = before.try_emplace(key, is_also('+'));
      if (!is_first && !(first->second && is_also('+'))) return;
    }
    // Specifiers (%H), escapes, Base64 and credentials are for systemd-tmpfiles to expand.
    const bool known = line.find_first_of("%\\") == std::string_view::npos && !is_also('~') && !is_also('^');
    effects.push_back({.key = key, .value = known ? std::string(line) : "", .line = number});
  });
  return effects;
}

// What stands between the quotes that `text` begins with; "" where it does not. Taken off the front.
std::string_view take_quoted(std::string_view& text) {
  const std::size_t end = text.starts_with('"') ? text.find('"', 1) : std::string_view::npos;
  if (end == std::string_view::npos) return {};
  const std::string_view quoted = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return quoted;
}

// udev's own substitutions are not known.
std::vector<ShellWord> udev_words(std::string_view command) {
  std::vector<ShellWord> words = plain_words(command);
  for (ShellWord& word : words) word.known = word.text.find_first_of("$%") == std::string::npos;
  return words;
}

// udev(7): RUN+="COMMAND", RUN{program}="COMMAND" and SYSCTL{KEY}="VALUE".
Effects udev_effects(std::string_view text, Written& /*before*/) {
  Effects effects;
  for_each_line(text, [&](std::string_view line, int number) {
    const auto names = [&](std::string_view part) { return line.find(part) != std::string_view::npos; };
    if (!names("SYSCTL{") && (!names("RUN") || !may_run_ours(line))) return;
    while (!line.empty()) {
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) return;
      std::string_view name = trim(line.substr(0, equals));
      line.remove_prefix(equals + 1);
      const bool compares = line.starts_with('=') || name.ends_with('!');
      if (compares && line.starts_with('=')) line.remove_prefix(1);
      line = trim(line);
      const std::string_view value = take_quoted(line);
      while (line.starts_with(',') || line.starts_with(' ')) line.remove_prefix(1);
      if (compares || value.empty()) continue;
      const bool known = value.find_first_of("$%") == std::string_view::npos;  // udev's own substitutions
      if (name.starts_with("SYSCTL{") && name.find('}') != std::string_view::npos) {
        name = name.substr(7, name.find('}') - 7);
        effects.push_back({.key = dotted_key(name), .value = known ? std::string(value) : "", .line = number});
      } else if (name.starts_with("RUN")) {
        add_at(effects, effects_without_shell(udev_words(value)), number);
      }
    }
  });
  return effects;
}

// modprobe.d(5): "install NAME COMMAND", which a shell runs in place of loading the module.
Effects modprobe_effects(std::string_view text, Written& /*before*/) {
  Effects effects;
  for_each_line(text, [&](std::string_view line, int number) {
    if (take_word(line) != "install") return;
    (void)take_word(line);  // the module
    add_at(effects, effects_of(trim(line)), number);
  });
  return effects;
}

// An item of a YAML list as a line for the shell: "- sysctl -w a=1", "- 'sysctl -w a=1'", "- [sysctl, -w, a=1]".
std::string yaml_command(std::string_view line) {
  line = trim(line);
  if (line.starts_with("- ")) line = trim(line.substr(2));
  const bool list = line.starts_with('[') && line.ends_with(']');
  const bool quoted = line.size() > 1 && (line[0] == '"' || line[0] == '\'') && line.back() == line[0];
  if (list || quoted) line = line.substr(1, line.size() - 2);
  std::string command(line);
  if (list) {
    for (char& c : command) {
      if (c == ',') c = ' ';
    }
  }
  return command;
}

// cloud-init: `bootcmd` runs at every boot, `runcmd` at the first one. Read line by line, not as YAML: what it says is
// only that something may be written.
Effects cloud_init_effects(std::string_view text, Written& /*before*/) {
  Effects effects;
  bool runs = false;
  for_each_line(text, [&](std::string_view line, int number) {
    const bool heading = !is_blank(line[0]) && line[0] != '-';
    if (heading) {
      runs = line.starts_with("bootcmd:") || line.starts_with("runcmd:");
    } else if (runs) {
      add_at(effects, effects_of(yaml_command(line)), number);
    }
  });
  return effects;
}

constexpr std::array kTables{
    TablePlace{
        "tmpfiles.d",
        {"/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d", "/lib/tmpfiles.d"},
        ".conf",
        tmpfiles_effects},
    TablePlace{"udev",
               {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
                "/lib/udev/rules.d"},
               ".rules",
               udev_effects},
    TablePlace{
        "modprobe.d",
        {"/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"},
        ".conf",
        modprobe_effects},
    TablePlace{"cloud-init", {"/etc/cloud/cloud.cfg.d"}, ".cfg", cloud_init_effects},
};

void read_table(LaterScripts& scripts, const TablePlace& place, const std::string& path, Written& before,
                std::vector<LaterWriter>& found) {
  const std::string text = scripts.read(path);
  const bool counts = may_set_settings(text) || text.find("SYSCTL{") != std::string::npos;
  if ((!counts && !scripts.is_closed(path)) || !scripts.take_text(text.size())) return;
  ScriptReader reader(scripts, true);
  reader.add_effects(path, place.read(text, before), false);
  reader.add_if_closed(path);
  for (LaterWriter& writer : writers_of(reader.take(), place.name, path, WriteTime::unknown)) {
    found.push_back(std::move(writer));
  }
}

}  // namespace

std::vector<LaterWriter> find_tables(LaterScripts& scripts) {
  std::vector<LaterWriter> found;
  for (const TablePlace& place : kTables) {
    const auto end = std::find(place.directories.begin(), place.directories.end(), "");
    std::vector<std::string> paths = files_by_name(scripts.files(), {place.directories.begin(), end}, place.ending);
    if (place.name == "cloud-init") paths.insert(paths.begin(), "/etc/cloud/cloud.cfg");
    Written before;
    for (const std::string& path : paths) read_table(scripts, place, path, before, found);
  }
  return found;
}

}  // namespace twctl
