#include "observe/script_writes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/escape.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

// Where people put scripts of their own. What packages bring is not followed: it is much, and sets none of ours.
constexpr std::array<std::string_view, 5> kOwnScripts{"/usr/local/", "/opt/", "/root/", "/home/", "/srv/"};

bool is_somebodys_script(std::string_view path) {
  const auto below = [&](std::string_view place) { return path.starts_with(place); };
  return path.ends_with(".sh") || std::any_of(kOwnScripts.begin(), kOwnScripts.end(), below);
}

// Scripts that run one another are followed so far: three of a hundred lines each could name a million.
constexpr int kMostFollowed = 100;

// A program that is no script says so in its first bytes.
bool is_binary(std::string_view text) { return text.substr(0, 512).find('\0') != std::string_view::npos; }

}  // namespace

bool may_run_ours(std::string_view text) {
  const auto names = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
  return may_set_settings(text) || names(".sh") || std::any_of(kOwnScripts.begin(), kOwnScripts.end(), names);
}

void ScriptReader::add_text(std::string_view path, std::string_view text, bool sure) {
  if (is_binary(text)) return;
  if (depth_ == deepest_ && !may_set_settings(text)) return;
  add_effects(path, effects_of(read_shell(text)), sure);
}

void ScriptReader::add_effects(std::string_view path, const std::vector<CommandEffect>& effects, bool sure) {
  for (const CommandEffect& effect : effects) {
    const bool certain = sure && effect.sure;
    const Place where{std::string(path), effect.line};
    switch (effect.kind) {
      case CommandEffect::Kind::writes:
        if (find_setting(Os::linux_kernel, effect.key) != nullptr) add({effect.key, effect.value, where}, certain);
        break;
      case CommandEffect::Kind::reads_file:
        add_sysctl_file(effect.path, certain);
        break;
      case CommandEffect::Kind::reads_all:
        add({.key = {}, .value = {}, .where = where}, certain);
        break;
      case CommandEffect::Kind::runs_script:
        add_script(effect.path, certain);
        break;
    }
  }
}

void ScriptReader::add(LaterWrite write, bool sure) {
  if (writes_.sure.size() + writes_.perhaps.size() > kMostLaterWrites) return;  // check_later_limits() says so
  (sure ? writes_.sure : writes_.perhaps).push_back(std::move(write));
}

std::string ScriptReader::text_once_more(const std::string& path) {
  return ++followed_ > kMostFollowed ? "" : text_of(files_, path);
}

void ScriptReader::add_script(const std::string& path, bool sure) {
  if (depth_ >= deepest_ || !is_somebodys_script(path)) return;
  ++depth_;
  add_text(path, text_once_more(path), sure);
  --depth_;
}

void ScriptReader::add_sysctl_file(const std::string& path, bool sure) {
  const AssignmentFile file = read_assignments(text_once_more(path), Loader::procps);
  for (const Assignment& line : file.assignments) {
    if (line.exclusion || line.value.empty()) continue;
    for (const Setting* setting : settings_about(line, Loader::procps)) {
      add({.key = std::string(setting->key), .value = line.value, .where = {path, line.line}}, sure);
    }
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
  return found;
}

}  // namespace twctl
