// Scripts and tables of commands that a boot, a clock, a login or an interface runs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "observe/boot_files.hpp"
#include "observe/writers/later_writers.hpp"

namespace twctl {
namespace {

// Lines of crontab(5): when, in a system's table who, and a command for the shell.
enum class Form { script, cron_table, users_cron_table, interfaces, supervised, upstart };

struct ScriptPlace {
  std::string_view name;  // how it is called in what twctl says
  std::string_view path;  // with '/' at its end: every file in it
  Form form = Form::script;
  std::string_view ending = {};  // of the names that count in a directory; "" for all
};

// In the order in which a boot comes by; who can say when the others act?
constexpr std::array kPlaces{
    ScriptPlace{"interfaces", "/etc/network/interfaces", Form::interfaces},
    ScriptPlace{"interfaces", "/etc/network/interfaces.d/", Form::interfaces},
    ScriptPlace{"if-up.d", "/etc/network/if-pre-up.d/"},
    ScriptPlace{"if-up.d", "/etc/network/if-up.d/"},
    ScriptPlace{"NetworkManager", "/etc/NetworkManager/dispatcher.d/"},
    ScriptPlace{"NetworkManager", "/etc/NetworkManager/dispatcher.d/pre-up.d/"},
    ScriptPlace{"NetworkManager", "/usr/lib/NetworkManager/dispatcher.d/"},
    ScriptPlace{"networkd-dispatcher", "/etc/networkd-dispatcher/configured.d/"},
    ScriptPlace{"networkd-dispatcher", "/etc/networkd-dispatcher/routable.d/"},
    ScriptPlace{"dhclient", "/etc/dhcp/dhclient-enter-hooks.d/"},
    ScriptPlace{"dhclient", "/etc/dhcp/dhclient-exit-hooks.d/"},
    ScriptPlace{"local.d", "/etc/local.d/", Form::script, ".start"},  // OpenRC
    ScriptPlace{"boot.local", "/etc/init.d/boot.local"},              // SUSE
    ScriptPlace{"boot.local", "/etc/init.d/after.local"},
    ScriptPlace{"Upstart", "/etc/init/", Form::upstart, ".conf"},
    ScriptPlace{"supervisord", "/etc/supervisord.conf", Form::supervised},
    ScriptPlace{"supervisord", "/etc/supervisord.d/", Form::supervised},
    ScriptPlace{"supervisord", "/etc/supervisor/conf.d/", Form::supervised},
    ScriptPlace{"cron", "/etc/crontab", Form::cron_table},
    ScriptPlace{"cron", "/etc/cron.d/", Form::cron_table},
    ScriptPlace{"cron", "/var/spool/cron/crontabs/root", Form::users_cron_table},  // Debian
    ScriptPlace{"cron", "/var/spool/cron/root", Form::users_cron_table},           // Red Hat
    ScriptPlace{"cron", "/etc/cron.hourly/"},
    ScriptPlace{"cron", "/etc/cron.daily/"},
    ScriptPlace{"cron", "/etc/cron.weekly/"},
    ScriptPlace{"cron", "/etc/cron.monthly/"},
    ScriptPlace{"cloud-init", "/var/lib/cloud/scripts/per-boot/"},
    ScriptPlace{"cloud-init", "/var/lib/cloud/instance/scripts/"},
    ScriptPlace{"profile.d", "/etc/profile"},
    ScriptPlace{"profile.d", "/root/.profile"},
    ScriptPlace{"profile.d", "/root/.bash_profile"},
    ScriptPlace{"profile.d", "/root/.bashrc"},
    ScriptPlace{"profile.d", "/etc/profile.d/", Form::script, ".sh"},
};

// run-parts(8) passes over any other name: "tune.sh" in if-up.d never runs.
bool runs_by_name(std::string_view name) {
  constexpr std::string_view kRuns = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return name.find_first_not_of(kRuns) == std::string_view::npos;
}

bool counts(const ScriptPlace& place, std::string_view name) {
  if (place.form == Form::upstart && name == "procps.conf") return false;  // the boot files' own loader
  if (place.name == "if-up.d") return runs_by_name(name);
  return !name.starts_with('.') && name.ends_with(place.ending);
}

// The command of one line, and whether a boot runs it; "" for none.
struct TableLine {
  std::string_view command;
  bool at_boot = false;
};

// What runs in each hour runs soon after each boot, too.
TableLine cron_line(std::string_view line, bool names_user) {
  const bool named = line.starts_with('@');
  const std::string_view first = take_word(line);  // a name, or the minute
  bool each_hour = !named || first == "@hourly";
  for (int field = 0; !named && field < 4; ++field) each_hour &= take_word(line) == "*";
  if (names_user) (void)take_word(line);
  return {trim(line), each_hour || first == "@reboot"};
}

// interfaces(5): "up COMMAND" and its kin.
TableLine interfaces_line(std::string_view line) {
  const std::string_view word = take_word(line);
  const bool runs = word == "up" || word == "post-up" || word == "pre-up";
  return {runs ? trim(line) : std::string_view{}, false};
}

// "command=/bin/sh -c '...'"
TableLine supervised_line(std::string_view line) {
  const std::size_t equals = std::min(line.find('='), line.size() - 1);
  return {trim(line.substr(0, equals)) == "command" ? trim(line.substr(equals + 1)) : std::string_view{}, false};
}

TableLine table_line(Form form, std::string_view line) {
  line = trim(line);
  if (line.empty() || is_comment(line)) return {};
  if (form == Form::supervised) return supervised_line(line);
  return form == Form::interfaces ? interfaces_line(line) : cron_line(line, form == Form::cron_table);
}

// A job of Upstart, init(5): "exec COMMAND" and "script", each of them perhaps behind "pre-start" -> a shell's text
// with as many lines.
std::string shell_of_job(std::string_view job) {
  std::string shell;
  bool in_script = false;
  for (const std::string_view raw : split(job, '\n')) {
    std::string_view line = trim(raw);
    const bool ends = line == "end script";
    const std::string_view begins = line.substr(line.find_last_of(" \t") + 1);
    if (in_script) {
      shell += ends ? ")" : raw;
    } else if (begins == "script" && !line.starts_with('#')) {
      shell += "(";
    } else {
      if (line.starts_with("pre-") || line.starts_with("post-")) (void)take_word(line);
      if (take_word(line) == "exec") shell += trim(line);
    }
    in_script = in_script ? !ends : shell.ends_with('(') && begins == "script";
    shell += '\n';
  }
  return shell;
}

void add(std::vector<LaterWriter>& found, std::vector<LaterWriter> more) {
  for (LaterWriter& writer : more) found.push_back(std::move(writer));
}

std::vector<LaterWriter> writers_in_table(LaterScripts& scripts, const ScriptPlace& place, const std::string& path,
                                          std::string_view text) {
  ScriptReader at_boot(scripts, true);
  ScriptReader other(scripts, true);
  int number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const TableLine line = table_line(place.form, raw);
    if (!may_run_ours(line.command) || !scripts.take_text(raw.size())) continue;
    std::vector<CommandEffect> effects = effects_of(line.command);
    for (CommandEffect& effect : effects) effect.line = number;
    ScriptReader& reader = line.at_boot ? at_boot : other;
    reader.begin_another();
    reader.add_effects(path, effects, line.at_boot);
  }
  std::vector<LaterWriter> found = writers_of(at_boot.take(), place.name, path, WriteTime::at_boot);
  add(found, writers_of(other.take(), place.name, path, WriteTime::unknown));
  return found;
}

// `path` is one of the place's. Where its folder is closed nobody knows whether it is there.
std::vector<LaterWriter> writers_in_file(LaterScripts& scripts, const ScriptPlace& place, const std::string& path) {
  const std::string text = scripts.read(path);
  const bool closed = scripts.is_closed(path) && is_listed(scripts.files(), path);
  if (text.empty() && !closed) return {};
  const bool is_job = place.form == Form::upstart;
  if (place.form != Form::script && !is_job && !closed) return writers_in_table(scripts, place, path, text);
  ScriptReader reader(scripts, false);
  reader.add_text(path, is_job ? shell_of_job(text) : text, false);
  if (closed) reader.add_if_closed(path);
  return writers_of(reader.take(), place.name, path, WriteTime::unknown);
}

// Debian's and Red Hat's place; of both one is a link to the other where both are there. It runs if it may be executed.
std::vector<LaterWriter> find_rc_local(LaterScripts& scripts) {
  HostFiles& files = scripts.files();
  for (const std::string path : {"/etc/rc.local", "/etc/rc.d/rc.local"}) {
    const std::string text = scripts.read(path);
    if (text.empty() && !scripts.is_closed(path)) continue;
    if (!files.executable(path)) return {};
    ScriptReader reader(scripts, true);
    reader.add_text(path, text, true);
    reader.add_if_closed(path);
    return writers_of(reader.take(), "rc.local", path, WriteTime::at_boot);
  }
  return {};
}

// A unit of that name goes before the script (systemd-sysv-generator(8)).
bool has_unit(HostFiles& files, const std::string& name) {
  return std::any_of(kUnitFolders.begin(), kUnitFolders.end(), [&](std::string_view directory) {
    return files.exists(fmt::format("{}/{}.service", directory, name));
  });
}

// What a runlevel starts: "S20tune" in rc2.d leads to /etc/init.d/tune. Debian's "procps" is the loader itself.
std::vector<LaterWriter> find_init_scripts(LaterScripts& scripts) {
  HostFiles& files = scripts.files();
  std::vector<LaterWriter> found;
  std::set<std::string> seen{"procps"};
  for (const std::string_view level : {"S", "2", "3", "4", "5"}) {
    const std::string directory = fmt::format("/etc/rc{}.d", level);
    for (const std::string& link : files.list(directory).value_or(std::vector<std::string>{})) {
      if (link.size() < 4 || link[0] != 'S') continue;
      const std::string name = link.substr(3);
      if (!seen.insert(name).second || has_unit(files, name)) continue;
      const std::string script = "/etc/init.d/" + name;
      const std::string path = files.exists(script) ? script : directory + "/" + link;
      add(found, writers_in_file(scripts, ScriptPlace{"init.d", path}, path));
    }
  }
  return found;
}

}  // namespace

std::vector<LaterWriter> find_scripts(LaterScripts& scripts) {
  std::vector<LaterWriter> found = find_rc_local(scripts);
  add(found, find_init_scripts(scripts));
  for (const ScriptPlace& place : kPlaces) {
    if (!place.path.ends_with('/')) {
      add(found, writers_in_file(scripts, place, std::string(place.path)));
      continue;
    }
    const std::string_view folder = place.path.substr(0, place.path.size() - 1);
    for (const std::string& name : scripts.files().list(folder).value_or(std::vector<std::string>{})) {
      if (counts(place, name)) add(found, writers_in_file(scripts, place, fmt::format("{}{}", place.path, name)));
    }
  }
  return found;
}

}  // namespace twctl
