#include "observe/writers/script_writes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/slips.hpp"
#include "formats/sysctl.hpp"
#include "sysctl/glob.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

// Where people put scripts of their own. What packages bring is not followed: it is much, and sets none of ours.
constexpr std::array<std::string_view, 5> kOwnScripts{"/usr/local/", "/opt/", "/root/", "/home/", "/srv/"};

bool is_somebodys_script(std::string_view path) {
  const auto below = [&](std::string_view place) { return path.starts_with(place); };
  return path.ends_with(".sh") || std::any_of(kOwnScripts.begin(), kOwnScripts.end(), below);
}

// Of a key in which a part is known to the running shell alone ("net.ipv4.$name"), by what stands around that.
bool may_name_ours(std::string_view key) {
  const std::size_t begin = key.find_first_of("$`");
  if (begin == std::string_view::npos) return false;
  const std::size_t closes = key.find_last_of(")}`");
  const std::size_t end =
      closes != std::string_view::npos && closes > begin ? closes + 1 : key.find('.', key.rfind('$'));
  const std::string_view rest = end < key.size() ? key.substr(end) : std::string_view();
  const auto all = settings(Os::linux_kernel);
  return std::any_of(all.begin(), all.end(), [&](const Setting& one) {
    return one.key.starts_with(key.substr(0, begin)) && one.key.ends_with(rest);
  });
}

constexpr std::size_t kCommandsOfWildcard = 100;  // it may mean every setting of the catalogue
constexpr std::size_t kBytesOfPattern = 16;       // so many are held to one name in the time of a command

// A program that is no script says so in its first bytes. A shell passes over the NULs of one that it is to run.
bool is_binary(std::string_view text) {
  return !text.starts_with("#!") && text.substr(0, 512).find('\0') != std::string_view::npos;
}

tl::unexpected<Error> too_much(std::string_view what) {
  return fail(ErrorCode::invalid, fmt::format("what runs after the boot files {}, which is not read", what),
              "see which scripts, units and lines of cron do that");
}

}  // namespace

bool may_run_ours(std::string_view text) {
  const auto names = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
  return may_set_settings(text) || names(".sh") || std::any_of(kOwnScripts.begin(), kOwnScripts.end(), names);
}

std::string not_read(std::string_view path) { return fmt::format("this run may not read {}", escape(path)); }

bool is_listed(HostFiles& files, const std::string& path) {
  const auto names = files.list(std::string(directory_of(path)));
  return names && is_one_of(file_name(path), *names);
}

std::string LaterScripts::read(const std::string& path) {
  auto text = files_.read(path, kMostScript);
  if (!text && text.error().code == ErrorCode::denied) closed_.insert(path);
  return text && *text ? **std::move(text) : std::string();
}

const std::vector<CommandEffect>& LaterScripts::effects_of_script(const std::string& path, RunBy run_by) {
  const auto [script, is_new] = scripts_.try_emplace({path, run_by});
  if (!is_new) return script->second;
  const std::string text = read(path);
  if (!is_binary(text) && may_run_ours(text) && take_text(text.size())) script->second = effects_of(text, run_by, path);
  return script->second;
}

const std::vector<LaterWrite>& LaterScripts::writes_of_file(const std::string& path) {
  const auto [file, is_new] = sysctl_files_.try_emplace(path);
  std::vector<LaterWrite>& writes = file->second;
  if (!is_new) return writes;
  const std::string text = read(path);
  if (!take_text(text.size())) return writes;
  for (const Assignment& line : read_assignments(text, Loader::procps).assignments) {
    if (writes.size() > kMostLaterWrites) break;  // whoever runs it is over the limit
    if (!take_commands(has_glob(line) ? kCommandsOfWildcard : 1)) break;
    if (line.exclusion || line.value.empty()) continue;
    const auto keep = [&](std::string key) {
      writes.push_back({.key = std::move(key), .value = line.value, .where = {path, line.line}});
    };
    const std::vector<const Setting*> settings = settings_about(line, Loader::procps);
    for (const Setting* setting : settings) keep(std::string(setting->key));
    if (!settings.empty() || has_glob(line)) continue;
    if (std::string slip = key_to_keep(line.key); !slip.empty()) keep(std::move(slip));
  }
  return writes;
}

bool LaterScripts::has_line(const std::string& path, std::string_view key, std::string_view value) {
  const auto [file, is_new] = lines_.try_emplace(path);
  if (is_new) {
    for (const LaterWrite& line : writes_of_file(path)) {
      file->second.emplace(line.key, line.value);
      file->second.emplace(line.key, "");
    }
  }
  return file->second.contains({key, value});
}

const std::vector<std::string>& LaterScripts::names_in(const std::string& folder) {
  const auto [names, is_new] = folders_.try_emplace(folder);
  if (is_new) names->second = files_.list(folder).value_or(std::vector<std::string>{});
  return names->second;
}

std::string LaterScripts::key_to_keep(const std::string& written) {
  if (const Setting* setting = find_setting(Os::linux_kernel, written)) return std::string(setting->key);
  if (written.find_first_of("\n$`") != std::string::npos) return "";  // only the shell knows which
  const auto known = meant_for_ours_.find(written);
  if (known != meant_for_ours_.end()) return known->second ? written : "";
  if (meant_for_ours_.size() == kMostForeignKeys) return "";
  return meant_for_ours_.emplace(written, is_meant_for_ours(written)).first->second ? written : "";
}

void LaterScripts::refuse(std::string what) {
  if (!over_) refused_ = std::move(what);
  over_ = true;
}

Result<void> LaterScripts::within_limits() const {
  TRY_VOID(check_later_writes(writes_));
  if (!refused_.empty()) return too_much(refused_);
  if (text_ > kMostLaterText) {
    return too_much(fmt::format("has more than {} of commands that may set a setting, and of names of units",
                                size_text(kMostLaterText)));
  }
  if (commands_ > kMostLaterCommands) {
    return too_much(
        fmt::format("runs more than {} commands, scripts and units that it starts among them", kMostLaterCommands));
  }
  return {};
}

Result<void> check_later_writes(std::size_t writes) {
  if (writes <= kMostLaterWrites) return {};
  return too_much(fmt::format("writes to settings more than {} times", kMostLaterWrites));
}

void ScriptReader::add_text(std::string_view path, std::string_view text, bool sure) {
  if (is_binary(text)) return;
  if (follows_ ? !may_run_ours(text) : !may_set_settings(text)) return;
  if (scripts_.take_text(text.size())) add_effects(path, effects_of(text, RunBy::itself, path), sure);
}

void ScriptReader::add_effects(std::string_view path, const std::vector<CommandEffect>& effects, bool sure) {
  add_all(path, effects, sure, ends_);
}

void ScriptReader::add_sysctl_file(const std::string& path, bool sure) {
  ++step_;
  if (path.size() <= kLongestPath) return add_sysctl_file(path, sure, false, ends_);
  if (writes_.unread.empty()) writes_.unread = fmt::format("{} is not known", kOfLongPath);
}

void ScriptReader::add_if_closed(const std::string& path) {
  if (writes_.unread.empty() && scripts_.is_closed(path)) {
    writes_.unread = not_read(path);
  }
}

void ScriptReader::add_not_known(const Place& where, std::string_view what) {
  if (other_network_ || !writes_.unread.empty()) return;
  writes_.unread = fmt::format("{}: {} is not known", place_text(where), what);
}

void ScriptReader::end(const Ends& here) {
  for (const std::size_t at : here) writes_.sure[at].ends = step_;
}

void ScriptReader::add_all(std::string_view path, const std::vector<CommandEffect>& effects, bool sure, Ends& here) {
  int command = 0;
  for (const CommandEffect& effect : effects) {
    if (!scripts_.take_commands(1)) return;
    if (effect.command == 0 || std::exchange(command, effect.command) != effect.command) ++step_;
    const bool certain = sure && effect.sure;
    const Place where{std::string(path), effect.line};
    if (effect.path.size() > kLongestPath) {
      add_not_known(where, kOfLongPath);
      continue;
    }
    switch (effect.kind) {
      case CommandEffect::Kind::writes:
        if (may_name_ours(effect.key)) add_not_known(where, "which setting is written");
        if (std::string key = scripts_.key_to_keep(effect.key); !key.empty() && !stands_there(effect))
          add({.key = std::move(key), .value = effect.value, .where = where, .if_there = effect.if_there}, certain,
              effect.ends_script, here);
        break;
      case CommandEffect::Kind::reads_file:
        add_sysctl_file(effect.path, certain, effect.ends_script, here);
        break;
      case CommandEffect::Kind::reads_all:
        add({.key = {}, .value = {}, .where = where}, certain, false, here);
        break;
      case CommandEffect::Kind::runs_script:
        add_script(effect, certain, here);
        break;
      case CommandEffect::Kind::not_known:
        add_not_known(where, effect.value);
        break;
    }
  }
}

void ScriptReader::add(LaterWrite write, bool sure, bool ends, Ends& here) {
  if (!scripts_.take_write()) return;  // those that come to nothing here are as much work
  if (other_network_ && (write.reads_all() || write.key.starts_with("net."))) return;
  write.step = step_;
  if (sure && ends) here.push_back(writes_.sure.size());
  (sure ? writes_.sure : writes_.perhaps).push_back(std::move(write));
}

void ScriptReader::add_script(const CommandEffect& run, bool sure, Ends& here) {
  if (!follows_ || !is_somebodys_script(run.path) || is_one_of(run.path, running_)) return;
  if (running_.size() == kMostRunningScripts) {
    return scripts_.refuse(fmt::format("runs scripts that run scripts more than {} deep", kMostRunningScripts));
  }
  running_.push_back(run.path);
  Ends inner;
  add_all(run.path, scripts_.effects_of_script(run.path, run.run_by), sure, inner);
  add_if_closed(run.path);
  if (run.ends_script) here.insert(here.end(), inner.begin(), inner.end());
  if (!run.ends_script) end(inner);
  running_.pop_back();
}

// A line for a boot file that has it already: the loader has read it.
bool ScriptReader::stands_there(const CommandEffect& line) {
  return !line.path.empty() && scripts_.has_line(line.path, line.key, line.value);
}

// `sysctl -p` takes a pattern too: here, for the files in one folder.
void ScriptReader::add_sysctl_file(const std::string& path, bool sure, bool ends, Ends& here) {
  const std::string folder(directory_of(path));
  const std::string pattern(file_name(path));
  std::vector<std::string> names{pattern};
  if (is_glob(pattern)) {
    const std::vector<std::string>& all = scripts_.names_in(folder);
    if (!scripts_.take_commands(all.size() * (1 + pattern.size() / kBytesOfPattern))) return;
    names.clear();
    std::copy_if(all.begin(), all.end(), std::back_inserter(names),
                 [&](const std::string& name) { return glob_matches(pattern, name); });
  }
  for (const std::string& name : names) {
    const std::string file = fmt::format("{}/{}", folder, name);
    for (const LaterWrite& write : scripts_.writes_of_file(file)) add(write, sure, ends, here);
    add_if_closed(file);
  }
}

std::vector<LaterWriter> writers_of(ScriptWrites writes, std::string_view name, std::string_view evidence,
                                    WriteTime when) {
  std::vector<LaterWriter> found;
  const auto add = [&](std::vector<LaterWrite> ours, WriteTime at) {
    if (ours.empty()) return;
    found.push_back({.name = escape(name), .evidence = escape(evidence), .when = at, .writes = std::move(ours)});
  };
  if (when == WriteTime::unknown) {
    writes.perhaps.insert(writes.perhaps.begin(), writes.sure.begin(), writes.sure.end());
    writes.sure.clear();
  }
  add(std::move(writes.sure), when);
  add(std::move(writes.perhaps), WriteTime::unknown);
  if (!writes.unread.empty()) {
    found.push_back({.name = escape(name), .evidence = escape(evidence), .unread = std::move(writes.unread)});
  }
  return found;
}

}  // namespace twctl
