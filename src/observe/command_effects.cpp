#include "observe/command_effects.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "formats/plain_words.hpp"
#include "formats/shell_exit.hpp"
#include "formats/shell_paths.hpp"
#include "formats/sysctl.hpp"
#include "observe/other_scripts.hpp"
#include "observe/printed_text.hpp"
#include "observe/sysctl_call.hpp"
#include "observe/working_folder.hpp"
#include "observe/wrapped_command.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

using Effects = std::vector<CommandEffect>;
using Words = ShellWords;
using Kind = CommandEffect::Kind;

constexpr std::string_view kOfLoad = "what `sysctl -p` reads";
constexpr int kMostShells = 4;  // sh -c "sh -c ..."

std::string joined(Words said) {
  std::string text;
  for (const ShellWord& word : said) text.append(text.empty() ? "" : " ").append(word.text);
  return text;
}

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// Of a script of another interpreter.
Effects effects_of_other(std::string_view text) {
  const std::string code = without_remarks(text);
  if (!may_set_settings(code)) return {};
  Effects effects;
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

// Whether a program that is not known here may run or write what its words name. Those below only say it, or do so
// elsewhere; "log" begins the names of many functions.
bool may_hand_on(std::string_view name, Words words) {
  constexpr std::array kOnlySays = std::to_array<std::string_view>(
      {"echo", "printf", "grep", "egrep", "fgrep", "cat", "ls", "which", "type", "hash", "man", "head", "stat", "diff",
       "cmp", "readlink", "systemctl", "service", "chmod", "chown", "touch", "rm", "mount", "umount", "alias", "export",
       "local", "readonly", "declare", "return", "exit", "for", "apt-get", "apt", "dnf", "yum", "zypper", "git", "tar",
       "rsync", "curl", "wget", "sed", "auditctl", "restorecon", "setfacl", "chattr",
       // of another host, or of another network namespace
       "ip", "docker", "podman", "nerdctl", "ctr", "kubectl", "lxc", "ssh", "scp", "machinectl"});
  constexpr std::array kOnlyCopies = std::to_array<std::string_view>({"cp", "mv", "install"});
  if (is_one_of(name, kOnlySays) || name.starts_with("log")) return false;
  if (is_one_of(name, kOnlyCopies)) words = words.last(1);
  const auto names_ours = [](const ShellWord& word) {
    return word.text.find("sysctl") != std::string::npos || word.text.find("proc/sys/") != std::string::npos;
  };
  return std::any_of(words.begin() + (words.size() > 1 ? 1 : 0), words.end(), names_ours);
}

class EffectReader {
 public:
  explicit EffectReader(ShellVariables variables, WorkingFolder folder = {})
      : variables_(std::move(variables)), folder_(std::move(folder)) {}

  Effects effects;

  void read(std::string_view script, int shells, RunBy run_by = RunBy::shell) {
    BlockOutput output(input_room_);
    std::optional<ShellWord> handed_on;  // the file that the command before prints
    std::vector<Around> blocks;
    const auto use = [&](ShellCommand command) {
      switch (command.kind) {
        case ShellCommand::Kind::begins_block:
          output.begin(command);
          return blocks.push_back({folder_, command.piped, command.words.empty() ? "" : command.words[0].text});
        case ShellCommand::Kind::ends_block:
          if (blocks.empty()) return;
          end_block(command, std::exchange(blocks.back(), {}), output);
          return blocks.pop_back();
        case ShellCommand::Kind::substitution:
          return read(command, command.words, unknown_text(), shells);
        case ShellCommand::Kind::simple:
          break;
      }
      if (++commands_ > kMostShellCommands) return effects.resize(kMostEffects + 1);
      if (command.piped && !command.input && !command.input_file) command.input_file = std::move(handed_on);
      const ShellWord input = given_to(command, output.before(command.piped));
      const Words words = without_wrappers(command.words);
      read(command, words, input, shells);
      const Words left = command.words.empty() ? Words() : words;  // those of an eval are gone
      const ShellWord* file = file_handed_on(command, left);
      handed_on = file != nullptr && is_path(*file) ? std::optional(*file) : std::nullopt;
      output.print(command.writes_to.empty() ? printed_by(left, input) : ShellWord{}, command.sure);
    };
    read_shell(script, use, run_by, shell_room_, variables_);
  }

  // `words` of the command, without those that only run the rest: sudo, nice.
  void read(ShellCommand& command, Words words, const ShellWord& input, int shells) {
    if (first_line_ == 0) ++command_;
    if (!command.writes_to.empty()) {
      add_printed(command, command.writes_to, printed_by(words, input), command.appends);
    }
    if (words.empty()) return;
    change_files(command, words);
    const std::string_view name = program_of(words[0]);
    if (name == "[" || name == "[[" || name == "test") return ask(words);
    const bool appends = words.size() > 1 && words[1].text == "-a";
    if (name == "tee") return add_printed(command, words.subspan(1), input, appends);
    if (name == "sysctl") return read_sysctl(command, words, input);
    if (!words[0].known && looks_like_sysctl(words)) return read_sysctl(perhaps(command), words, input);
    if (name == "systemd-sysctl") return read_systemd_sysctl(command, words);
    if (name == "cd" || name == "pushd" || name == "popd") return change_folder(command, words);
    if (const auto function = functions_.find(name); function != functions_.end()) folder_ = function->second;
    if (name == "xargs") return read_xargs(command, words, input, shells);
    if (is_other_interpreter(name)) return read_interpreter(command, words, input);
    if (name == "eval") return read_eval(command, words, shells);
    if (name == "su") return read_su(command, words, shells);
    if (name == "trap") return read_trap(command, words, shells);
    if (is_shell(words[0])) return read_shell_call(command, words, input, shells);
    const bool sources = words.size() > 1 && (words[0].text == "." || words[0].text == "source");
    if (!sources) {
      if (may_hand_on(name, words)) add_handed_on(command, words);
      return add_script(command, words[0], RunBy::itself);
    }
    const bool exits = command.ends_script && command.errexit;
    if (is_standard_input(words[1].text)) return read_input(command, input, shells, exits);
    add_script(command, words[1], exits ? RunBy::exiting_shell : RunBy::shell);
  }

  // A long text that goes to many files is as often in memory: no more of it is known than of variables.
  void add_printed(const ShellCommand& command, Words targets, const ShellWord& printed, bool appends) {
    const bool has_lines = printed.text.find('=') != std::string::npos;
    for (const ShellWord& target : targets) {
      const std::string path = folder_.absolute(target.text);
      std::string key = key_of_file(path);
      if (key.empty() && !has_lines && !appends) written_.change(path);
      if (key.empty() && (!has_lines || !path.starts_with('/'))) continue;
      const std::string_view value = without_line_ends(printed.text);
      const std::size_t size = key.empty() ? printed.text.size() : value.size();
      const bool fits = size <= room_;
      room_ -= fits ? size : 0;
      if (!key.empty()) {
        if (printed.known && value.empty()) continue;  // the kernel passes over nothing, and refuses an empty line
        const bool is_line = value.find('\n') == std::string_view::npos;  // the kernel takes the first one
        add(command, {.key = std::move(key),
                      .value = std::string(fits && printed.known && is_line ? value : ""),
                      .sure = target.text.starts_with('/') || folder_.sure()});
      } else if (fits) {
        written_.write(path, printed.text, appends,
                       command.sure && sure_ && !printed.stale);  // a `sysctl -p` behind it may load that
        if (is_boot_file(path) && !is_too_long(command, path)) add_lines(command, printed, false, path);  // later boots
      }
    }
  }

 private:
  void add(const ShellCommand& command, CommandEffect effect) {
    if (effects.size() > kMostEffects) return;
    if (first_line_ != 0) effect.line = first_line_;
    if (effect.line == 0) effect.line = command.line;
    effect.sure = effect.sure && command.sure && sure_;
    effect.if_there = !effect.sure && asked_about_.contains(effect.key);
    const bool ends = effect.kind == Kind::runs_script ? command.errexit : true;  // how its last command ends counts
    effect.ends_script = command.ends_script && ends && ends_ && !passes_over_;
    effect.command = command_;
    effects.push_back(std::move(effect));
  }

  // What it reads. A long text that is handed from command to command is as often copied.
  ShellWord given_to(const ShellCommand& command, ShellWord printed_before) {
    if (command.input) printed_before = *command.input;
    const bool has = (command.input || command.piped) && !command.input_file;
    if (!has || !take_input(printed_before.text.size())) return unknown_text();
    return printed_before;
  }

  bool take_input(std::size_t bytes) {
    const bool fits = bytes <= input_room_;
    input_room_ -= fits ? bytes : 0;
    return fits;
  }

  // A file that the script has written has another text then, or none.
  void change_files(const ShellCommand& command, Words words) {
    bool boot_file = false;
    for (const ShellWord& word : files_changed_by(words)) {
      written_.change(folder_.absolute(word.text));
      boot_file = boot_file || is_boot_file(folder_.absolute(word.text));
    }
    if (!boot_file || !edits_in_place(words)) return;
    std::string script = joined(words.subspan(1));  // the line of a key that it names counts at a later boot
    std::erase(script, '\\');
    for (MentionedKey& named : keys_named_in(script)) add(command, {.key = std::move(named.key), .sure = false});
  }

  // Whether a file is known by it.
  [[nodiscard]] bool is_path(const ShellWord& word) const {
    return (word.known || word.stale) && (word.text.starts_with('/') || folder_.known());
  }

  // The lines of a sysctl file. A value in which a shell puts something is not known.
  void add_lines(const ShellCommand& command, const ShellWord& lines, bool sure, const std::string& boot_file = {}) {
    const std::vector<std::string_view> all = split(lines.text, '\n');
    const auto is_hidden = [](std::string_view line) {  // the shell puts whole lines there
      return line.find('=') == std::string_view::npos && line.find_first_of("$`") < line.find('#');
    };
    if (!lines.known && std::any_of(all.begin(), all.end(), is_hidden)) add_not_known(command, kOfLoad);
    for (const Assignment& line : read_assignments(lines.text, Loader::procps).assignments) {
      if (line.exclusion || line.value.empty()) continue;
      const bool known = lines.known || line.value.find_first_of("$`\\") == std::string::npos;
      add(command,
          {.key = line.key, .value = known ? line.value : "", .path = boot_file, .sure = sure && !lines.stale});
    }
  }

  // "[ -e FILE ]" of a setting's file.
  void ask(Words words) {
    for (const ShellWord& word : words) {
      if (std::string key = key_of_file(folder_.absolute(word.text)); !key.empty()) asked_about_.insert(std::move(key));
    }
  }

  void change_folder(const ShellCommand& command, Words words) {
    if (command.apart) return;
    folder_.change(command, words);
    if (is_too_long(command, folder_.path())) folder_.forget();
  }

  // What surrounds a block.
  struct Around {
    WorkingFolder folder;
    bool piped = false;
    std::string function;
  };

  void end_block(ShellCommand& end, Around around, BlockOutput& output) {
    ShellWord printed = output.end();
    if (!around.function.empty() && folder_.path() != around.folder.path()) functions_[around.function] = folder_;
    if (end.apart || around.piped) folder_ = std::move(around.folder);
    if (!around.function.empty()) end.sure = false;
    if (!end.writes_to.empty()) {
      ++command_;
      end.sure = end.sure && !printed.stale;
      add_printed(end, end.writes_to, std::exchange(printed, {}), end.appends);
    }
    output.print(around.function.empty() ? std::move(printed) : ShellWord{}, end.sure);
  }

  bool is_too_long(const ShellCommand& command, std::string_view path) {
    if (path.size() > kLongestPath) add_not_known(command, kOfLongPath);
    return path.size() > kLongestPath;
  }

  // A path from the folder of a `cd` is not sure: that may have failed, or stood in a block that did not run.
  void add_script(const ShellCommand& command, const ShellWord& path, RunBy run_by) {
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

  static ShellCommand perhaps(ShellCommand command) {
    command.sure = false;
    return command;
  }

  void read_sysctl(const ShellCommand& command, Words words, const ShellWord& input) {
    const SysctlCall call = sysctl_call(words);
    passes_over_ = call.ignores;
    for (const ShellWord* setting : call.settings) add_assignment(command, *setting, call.writes);
    for (const std::string_view file : call.files) load(command, std::string(file), input);
    passes_over_ = false;
    if (call.reads_all) add(command, {.kind = Kind::reads_all});
  }

  void load(const ShellCommand& command, const std::string& file, const ShellWord& input) {
    const bool reads_input = file == "-" || is_standard_input(file);
    if (reads_input && command.input_file && is_path(*command.input_file)) {
      return load(command, command.input_file->text, unknown_text());
    }
    if (reads_input && (input.known || !input.text.empty())) return add_lines(command, input, true);
    const std::string path = reads_input ? file : folder_.absolute(file);
    const bool known = path.starts_with('/') && !reads_input && path.find_first_of("$`") == std::string::npos;
    if (known) add(command, {.kind = Kind::reads_file, .path = path, .sure = file.starts_with('/') || folder_.sure()});
    const WrittenFiles::File* written = written_.find(path);
    if (written == nullptr && !known) add_not_known(command, kOfLoad);
    if (written != nullptr && take_input(written->text.size())) {
      add_lines(command, {.text = written->text, .known = false}, written->sure);
    }
  }

  // What the shell alone knows, or another program. A snapshot has it: no word of the script is in it.
  void add_not_known(const ShellCommand& command, std::string_view what) {
    add(command, {.kind = Kind::not_known, .value = std::string(what), .sure = false});
  }

  // `echo KEY=VALUE | xargs sysctl -w`
  void read_xargs(const ShellCommand& command, Words words, const ShellWord& input, int shells) {
    const Words runs = command_of_xargs(words);
    if (runs.empty() || !may_set_settings(joined(runs))) return;
    const bool replaces = std::any_of(words.begin(), words.end(), [](const ShellWord& word) {
      return word.text.starts_with("-I") || word.text.starts_with("-i") || word.text.starts_with("-d");
    });
    if (!input.known || replaces || program_of(runs[0]) != "sysctl") {
      return add_not_known(command, "what xargs hands to sysctl");
    }
    ShellCommand whole;
    whole.words = plain_words(input.text);
    whole.words.insert(whole.words.begin(), runs.begin(), runs.end());
    whole.line = command.line;
    whole.sure = command.sure;
    read(whole, whole.words, unknown_text(), shells);
  }

  void read_interpreter(const ShellCommand& command, Words words, const ShellWord& input) {
    const InterpretedText runs = interpreted_by(words, input);
    if (runs.file != nullptr) return add_script(command, *runs.file, RunBy::other);
    add_other(command, runs.text);
  }

  // What it names it may set.
  void add_other(const ShellCommand& command, std::string_view text) {
    for (CommandEffect& effect : effects_of_other(text)) {
      effect.line = command.line;
      add(command, std::move(effect));
    }
  }

  // systemd-sysctl(8), with files; without one it is the loader. With --prefix it writes some of their lines, with
  // --cat-config none.
  void read_systemd_sysctl(const ShellCommand& command, Words words) {
    const bool all = std::none_of(words.begin(), words.end(), [](const ShellWord& word) {
      return word.text.starts_with("--prefix") || word.text.starts_with("--cat-config");
    });
    for (const ShellWord& word : words.subspan(1)) {
      if (word.text.starts_with('/')) add(command, {.kind = Kind::reads_file, .path = word.text, .sure = all});
    }
  }

  void add_assignment(const ShellCommand& command, const ShellWord& word, bool writes) {
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

  // Of a program that is not known here, and names what it may have sysctl set: "systemd-cat sysctl -w", "dd
  // of=/proc/sys/...".
  void add_handed_on(const ShellCommand& command, Words words) {
    const std::size_t before = effects.size();
    for (MentionedKey& named : keys_named_in(joined(words))) {
      add(command, {.key = std::move(named.key), .value = std::move(named.value), .sure = false});
    }
    const auto is_sysctl = [](const ShellWord& word) { return program_of(word) == "sysctl"; };
    if (effects.size() == before && std::any_of(words.begin(), words.end(), is_sysctl)) {
      add_not_known(command, "what sysctl is to set there");
    }
  }

  // One after the other they are as one. Its words, which take many times the memory of their text, are not kept.
  void read_eval(ShellCommand& command, Words words, int shells) {
    while (!words.empty() && words[0].text == "eval") words = words.subspan(1);
    const std::string text = joined(words);
    std::vector<ShellWord>().swap(command.words);
    read_here(command, text, shells, command.errexit);
  }

  // "trap 'sysctl ...' EXIT", at the end, or by a signal; not where `exec` has taken the shell's place.
  void read_trap(const ShellCommand& command, Words words, int shells) {
    const std::size_t action = words.size() > 1 && words[1].text == "--" ? 2 : 1;
    if (words.size() > action + 1) read_text(perhaps(command), words[action].text, shells, false);
  }

  // "su root -c 'sysctl ...'"
  void read_su(const ShellCommand& command, Words words, int shells) {
    for (std::size_t at = 1; at + 1 < words.size(); ++at) {
      const std::string& word = words[at].text;
      const bool takes_text =
          word == "--command" || (word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
      if (takes_text) return read_text(command, words[at + 1].text, shells, false);
    }
  }

  // "sh -e /opt/x.sh", "bash -euo pipefail -c 'sysctl ...'", and what it reads where it is given neither.
  void read_shell_call(const ShellCommand& command, Words words, const ShellWord& input, int shells) {
    const ShellCall call = shell_call(words);
    const RunBy run_by = call.exits ? RunBy::exiting_shell : RunBy::shell;
    if (call.first == nullptr) {
      const WorkingFolder folder = folder_;
      read_input(command, input, shells, call.exits);
      folder_ = folder;
      return;
    }
    if (call.takes_text) return read_text(command, call.first->text, shells, call.exits);
    add_script(command, *call.first, run_by);
  }

  // What a shell is given to read. Where that is not known the shell around has still put something into its text.
  void read_input(const ShellCommand& command, const ShellWord& input, int shells, bool exits) {
    const RunBy run_by = exits ? RunBy::exiting_shell : RunBy::shell;
    if (command.input_file) return add_script(command, *command.input_file, run_by);
    const std::size_t before = effects.size();
    read_here(input.known ? command : perhaps(command), input.text, shells, exits);
    const bool is_given = command.piped || command.input;
    if (is_given && !input.known && effects.size() == before) add_not_known(command, "what the shell reads");
  }

  // Of a shell in the shell, whose `cd` is its own.
  void read_text(const ShellCommand& command, std::string_view text, int shells, bool exits) {
    const WorkingFolder folder = folder_;
    read_here(command, text, shells, exits);
    folder_ = folder;
  }

  // What it does is of the line where it stands. `exits`: errexit is on in it.
  void read_here(const ShellCommand& command, std::string_view text, int shells, bool exits) {
    if (shells == 0) return;
    const bool is_one_command = text.find_first_of(";&|\n") == std::string::npos;
    const bool ends = command.ends_script && (exits || is_one_command);  // where it fails, so does the command
    const auto outer = std::make_tuple(first_line_, sure_, ends_);
    if (first_line_ == 0) first_line_ = command.line;
    sure_ = sure_ && command.sure;
    ends_ = ends;
    read(text, shells - 1, ends ? RunBy::exiting_shell : RunBy::shell);
    std::tie(first_line_, sure_, ends_) = outer;
  }

  int command_ = 0;
  std::size_t commands_ = 0;  // those of shells in the script among them
  bool passes_over_ = false;  // `sysctl -e`
  int first_line_ = 0;        // of the command that a shell's own text stands in; 0: not in one
  bool sure_ = true;
  bool ends_ = true;          // a command that fails may end the script
  ShellVariables variables_;  // that each shell begins with
  WorkingFolder folder_;
  std::map<std::string, WorkingFolder, std::less<>> functions_;  // that leave another folder: which one
  WrittenFiles written_;
  std::set<std::string> asked_about_;       // keys
  ShellRoom shell_room_;                    // of all shells together
  std::size_t room_ = kMostExpanded;        // for what is printed into files
  std::size_t input_room_ = kMostExpanded;  // and for what commands read
};

}  // namespace

std::vector<CommandEffect> effects_of(std::string_view script, RunBy run_by, std::string_view path) {
  if (run_by == RunBy::other || (run_by == RunBy::itself && has_other_interpreter(script))) {
    return effects_of_other(script);
  }
  EffectReader reader(path.empty() ? ShellVariables() : variables_of_script(path));
  reader.read(script, kMostShells, run_by);
  return std::move(reader.effects);
}

std::vector<CommandEffect> effects_without_shell(std::vector<ShellWord> words, const Surroundings& around) {
  EffectReader reader({}, WorkingFolder(around.folder));
  ShellCommand command;
  command.words = std::move(words);
  command.line = 1;
  command.ends_script = around.ends;
  command.input = around.input;
  command.input_file = around.input_file;
  const ShellWord input = around.input.value_or(unknown_text());
  const Words runs = without_wrappers(command.words);
  const ShellWord printed = printed_by(runs, input);
  reader.read(command, runs, input, kMostShells);
  if (key_of_file(around.prints_to).empty()) return std::move(reader.effects);
  command.sure = printed.known;  // most commands print nothing, and write nothing by that
  command.writes_to = {{.text = around.prints_to}};
  reader.add_printed(command, command.writes_to, printed, false);
  return std::move(reader.effects);
}

// By the 'y' of "sys", which is rare: most of a host's scripts are passed over so.
bool may_set_settings(std::string_view text) {
  for (std::size_t at = text.find('y', 1); at < text.size(); at = text.find('y', at + 1)) {
    const std::string_view here = text.substr(at - 1);
    if (here.starts_with("sysctl")) return true;
    if (here.starts_with("sys/") && text.substr(0, at - 1).ends_with("proc/")) return true;
  }
  return false;
}

}  // namespace twctl
