#include "observe/writers/setting_effects.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "observe/writers/other_scripts.hpp"
#include "observe/writers/sysctl_call.hpp"
#include "observe/writers/wrapped_command.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

using Kind = CommandEffect::Kind;

constexpr std::string_view kOfLoad = "what `sysctl -p` reads";
constexpr std::string_view kOfBootFile = "what is written into a boot file";

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// Whether the shell puts whole lines into those of a sysctl file.
bool has_hidden_lines(std::string_view text) {
  const std::vector<std::string_view> all = split(text, '\n');
  return std::any_of(all.begin(), all.end(), [](std::string_view line) {
    return line.find('=') == std::string_view::npos && line.find_first_of("$`") < line.find('#');
  });
}

}  // namespace

std::string joined(ShellWords said) {
  std::string text;
  for (const ShellWord& word : said) text.append(text.empty() ? "" : " ").append(word.text);
  return text;
}

std::vector<CommandEffect> effects_of_other(std::string_view text) {
  const std::string code = without_remarks(text);
  if (!may_set_settings(code)) return {};
  std::vector<CommandEffect> effects;
  for (MentionedKey& named : keys_named_in(code)) {
    if (effects.size() > kMostEffects) break;
    effects.push_back(
        {.key = std::move(named.key), .value = std::move(named.value), .line = named.line, .sure = false});
  }
  if (effects.empty()) {
    effects.push_back({.kind = Kind::not_known, .value = "what this program sets", .line = 1, .sure = false});
  }
  return effects;
}

void SettingEffects::add(const ShellCommand& command, CommandEffect effect) {
  if (effects.size() > kMostEffects) return;
  if (within_.line != 0) effect.line = within_.line;
  if (effect.line == 0) effect.line = command.line;
  effect.sure = effect.sure && command.sure && within_.sure;
  effect.if_there = !effect.sure && asked_about_.contains(effect.key);
  const bool ends = effect.kind == Kind::runs_script ? command.errexit : true;  // how its last command ends counts
  effect.ends_script = command.ends_script && ends && within_.ends && !passes_over_;
  effect.command = command_;
  effects.push_back(std::move(effect));
}

ShellWord SettingEffects::given_to(const ShellCommand& command, ShellWord printed_before) {
  if (command.input) printed_before = *command.input;
  const bool has = (command.input || command.piped) && !command.input_file;
  if (!has || !take_input(printed_before.text.size())) return unknown_text();
  return printed_before;
}

bool SettingEffects::take_input(std::size_t bytes) {
  const bool fits = bytes <= input_room_;
  input_room_ -= fits ? bytes : 0;
  return fits;
}

void SettingEffects::change_files(const ShellCommand& command, ShellWords words) {
  bool boot_file = false;
  constexpr std::array<std::string_view, 3> kReplace{"cp", "ln", "mv"};
  const bool replaces = is_one_of(program_of(words[0]), kReplace);
  for (const ShellWord& word : files_changed_by(words)) {
    written_.change(folder_.absolute(word.text), replaces);
    boot_file = boot_file || is_boot_file(folder_.absolute(word.text));
  }
  if (!boot_file || !edits_in_place(words)) return;
  std::string script = joined(words.subspan(1));  // the line of a key that it names counts at a later boot
  std::erase(script, '\\');
  for (MentionedKey& named : keys_named_in(script)) add(command, {.key = std::move(named.key), .sure = false});
}

bool SettingEffects::is_path(const ShellWord& word) const {
  return (word.known || word.stale) && (word.text.starts_with('/') || folder_.known());
}

void SettingEffects::add_lines(const ShellCommand& command, const ShellWord& lines, bool sure,
                               const std::string& boot_file) {
  if (!lines.known && has_hidden_lines(lines.text)) add_not_known(command, boot_file.empty() ? kOfLoad : kOfBootFile);
  for (const Assignment& line : read_assignments(lines.text, Loader::procps).assignments) {
    if (line.exclusion || line.value.empty()) continue;
    const bool known = lines.known || line.value.find_first_of("$`\\") == std::string::npos;
    add(command, {.key = line.key, .value = known ? line.value : "", .path = boot_file, .sure = sure && !lines.stale});
  }
}

void SettingEffects::ask(ShellWords words) {
  for (const ShellWord& word : words) {
    if (std::string key = key_of_file(folder_.absolute(word.text)); !key.empty()) asked_about_.insert(std::move(key));
  }
}

void SettingEffects::change_folder(const ShellCommand& command, ShellWords words) {
  if (command.apart) return;
  folder_.change(command, words);
  if (is_too_long(command, folder_.path())) folder_.forget();
}

bool SettingEffects::is_too_long(const ShellCommand& command, std::string_view path) {
  if (path.size() > kLongestPath) add_not_known(command, kOfLongPath);
  return path.size() > kLongestPath;
}

void SettingEffects::add_script(const ShellCommand& command, const ShellWord& path, RunBy run_by) {
  if (path.text == kPrintedFile) return add_not_known(command, "what the shell runs of <(...)");
  if (!(path.known || path.stale)) return;
  const bool from_root = path.text.starts_with('/');
  const bool has_folder = folder_.known() && (run_by != RunBy::itself || path.text.find('/') != std::string::npos);
  if (!from_root && !has_folder) return;
  add(command, {.kind = Kind::runs_script,
                .path = from_root ? path.text : "/" + simplified_path(folder_.absolute(path.text)),
                .sure = from_root,
                .run_by = run_by});
}

void SettingEffects::add_printed(const ShellCommand& command, ShellWords targets, const ShellWord& printed,
                                 bool appends) {
  const std::string_view value = without_line_ends(printed.text);
  for (const ShellWord& target : targets) {
    const std::string path = folder_.absolute(target.text);
    std::string key = key_of_file(path);
    if (key.empty()) {
      add_printed_lines(command, path, printed, appends);
    } else if (!printed.known || !value.empty()) {  // the kernel passes over nothing, and refuses an empty line
      const bool is_line = value.find('\n') == std::string_view::npos;  // the kernel takes the first one
      const bool known = printed.known && is_line && take_room(value.size());
      add(command, {.key = std::move(key),
                    .value = std::string(known ? value : ""),
                    .sure = !printed.stale && (target.text.starts_with('/') || folder_.sure())});
    }
  }
}

// A `sysctl -p` behind it may load them, and so does a later boot.
void SettingEffects::add_printed_lines(const ShellCommand& command, const std::string& path, const ShellWord& printed,
                                       bool appends) {
  const bool has_lines = printed.text.find('=') != std::string::npos && take_room(printed.text.size());
  const bool whole = printed.known || (has_lines && !has_hidden_lines(printed.text));
  if (!has_lines && whole && appends) return;
  const bool sure = command.sure && within_.sure && !printed.stale;
  written_.write(path, has_lines ? printed.text : "", whole, appends, sure);
  const bool at_boot = has_lines && is_boot_file(path) && !is_too_long(command, path);
  if (at_boot) add_lines(command, printed, false, path);
}

bool SettingEffects::take_room(std::size_t bytes) {
  const bool fits = bytes <= room_;
  room_ -= fits ? bytes : 0;
  return fits;
}

void SettingEffects::read_sysctl(const ShellCommand& command, ShellWords words, const ShellWord& input) {
  const SysctlCall call = sysctl_call(words);
  passes_over_ = call.ignores;
  for (const ShellWord* setting : call.settings) add_assignment(command, *setting, call.writes);
  for (const std::string_view file : call.files) load(command, std::string(file), input);
  passes_over_ = false;
  if (call.reads_all) add(command, {.kind = Kind::reads_all});
}

void SettingEffects::load(const ShellCommand& command, const std::string& file, const ShellWord& input) {
  const bool reads_input = file == "-" || is_standard_input(file);
  if (reads_input && command.input_file && is_path(*command.input_file)) {
    return load(command, command.input_file->text, unknown_text());
  }
  if (reads_input && (input.known || !input.text.empty())) return add_lines(command, input, true);
  const std::string path = reads_input ? file : folder_.absolute(file);
  const bool known = path.starts_with('/') && !reads_input && path.find_first_of("$`") == std::string::npos;
  const WrittenFiles::File* written = written_.find(path);
  const auto before = written == nullptr ? WrittenFiles::Before::there : written->before;
  if (known && before != WrittenFiles::Before::gone) {
    const bool sure = before == WrittenFiles::Before::there && (file.starts_with('/') || folder_.sure());
    add(command, {.kind = Kind::reads_file, .path = path, .sure = sure});
  }
  if (written == nullptr ? !known : !written->whole) add_not_known(command, kOfLoad);
  if (written != nullptr && take_input(written->text.size())) {
    add_lines(command, {.text = written->text, .known = false}, written->sure);
  }
}

void SettingEffects::add_not_known(const ShellCommand& command, std::string_view what) {
  add(command, {.kind = Kind::not_known, .value = std::string(what), .sure = false});
}

void SettingEffects::add_other(const ShellCommand& command, std::string_view text) {
  for (CommandEffect& effect : effects_of_other(text)) {
    effect.line = command.line;
    add(command, std::move(effect));
  }
}

void SettingEffects::read_systemd_sysctl(const ShellCommand& command, ShellWords words) {
  const bool all = std::none_of(words.begin(), words.end(), [](const ShellWord& word) {
    return word.text.starts_with("--prefix") || word.text.starts_with("--cat-config");
  });
  for (const ShellWord& word : words.subspan(1)) {
    if (word.text.starts_with('/')) add(command, {.kind = Kind::reads_file, .path = word.text, .sure = all});
  }
}

void SettingEffects::add_assignment(const ShellCommand& command, const ShellWord& word, bool writes) {
  const std::size_t equals = word.text.find('=');
  if (equals == std::string::npos) {
    if (word.known) asked_about_.insert(dotted_key(word.text));  // it shows the value, or fails
    if (!word.known && writes) add_not_known(command, "which setting sysctl writes");
    return;
  }
  const std::string_view value = trim(std::string_view(word.text).substr(equals + 1));
  if (word.known && value.empty()) return;  // the kernel refuses nothing
  add(command, {.key = dotted_key(trim(std::string_view(word.text).substr(0, equals))),
                .value = word.known ? std::string(value) : ""});
}

void SettingEffects::add_handed_on(const ShellCommand& command, ShellWords words) {
  const std::size_t before = effects.size();
  for (MentionedKey& named : keys_named_in(joined(words))) {
    add(command, {.key = std::move(named.key), .value = std::move(named.value), .sure = false});
  }
  const auto is_sysctl = [](const ShellWord& word) { return program_of(word) == "sysctl"; };
  if (effects.size() == before && std::any_of(words.begin(), words.end(), is_sysctl)) {
    add_not_known(command, "what sysctl is to set there");
  }
}

}  // namespace twctl
