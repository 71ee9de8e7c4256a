#include "observe/writers/command_effects.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "formats/plain_words.hpp"
#include "formats/shell_paths.hpp"
#include "observe/writers/other_scripts.hpp"
#include "observe/writers/setting_effects.hpp"
#include "observe/writers/sysctl_call.hpp"
#include "observe/writers/wrapped_command.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

constexpr int kMostShells = 4;  // sh -c "sh -c ..."

class EffectReader : public SettingEffects {
 public:
  explicit EffectReader(ShellVariables variables, WorkingFolder folder = {})
      : SettingEffects(std::move(folder)), variables_(std::move(variables)) {}

  void read(std::string_view script, int shells, RunBy run_by = RunBy::shell) {
    Script read_now{.shells = shells, .output = BlockOutput(input_room_)};
    const auto use = [&](ShellCommand command) { read_command(read_now, std::move(command)); };
    read_shell(script, use, run_by, shell_room_, variables_);
  }

  // `words` of the command, without those that only run the rest: sudo, nice.
  void read(ShellCommand& command, ShellWords words, const ShellWord& input, int shells) {
    if (within_.line == 0) ++command_;
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
    if (const auto function = functions_.find(name); function != functions_.end() && !command.apart) {
      folder_ = function->second;
    }
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

 private:
  // What surrounds a block.
  struct Around {
    WorkingFolder folder;
    bool piped = false;
    std::string function = {};  // whose body it is; "" for another block
  };

  struct Script {
    int shells;  // that may yet be in one another
    BlockOutput output;
    std::vector<Around> blocks = {};
    std::optional<ShellWord> handed_on = {};  // the file that the command before prints
  };

  void read_command(Script& script, ShellCommand command) {
    switch (command.kind) {
      case ShellCommand::Kind::begins_block:
        return begin_block(script, command);
      case ShellCommand::Kind::ends_block:
        return end_block(script, command);
      case ShellCommand::Kind::substitution:
        return read(command, command.words, unknown_text(), script.shells);
      case ShellCommand::Kind::simple:
        return read_simple(script, command);
    }
  }

  void read_simple(Script& script, ShellCommand& command) {
    if (++commands_ > kMostShellCommands) return effects.resize(kMostEffects + 1);
    const bool is_given = command.input || command.input_file;
    if (command.piped && !is_given) command.input_file = std::move(script.handed_on);
    const ShellWord input = given_to(command, script.output.before(command.piped));
    const ShellWords words = without_wrappers(command.words);
    read(command, words, input, script.shells);
    const ShellWords left = command.words.empty() ? ShellWords() : words;  // those of an eval are gone
    const ShellWord* file = file_handed_on(command, left);
    script.handed_on = file != nullptr && is_path(*file) ? std::optional(*file) : std::nullopt;
    script.output.print(command.writes_to.empty() ? printed_by(left, input) : ShellWord{}, command.sure);
  }

  void begin_block(Script& script, const ShellCommand& begin) {
    script.output.begin(begin);
    script.blocks.push_back({folder_, begin.piped, begin.words.empty() ? "" : begin.words[0].text});
  }

  // What a function does it does where it is called: that is not followed, but for its `cd`.
  void end_block(Script& script, ShellCommand& end) {
    if (script.blocks.empty()) return;
    Around around = std::move(script.blocks.back());
    script.blocks.pop_back();
    const bool is_function = !around.function.empty();
    ShellWord printed = script.output.end();
    if (is_function && folder_.path() != around.folder.path()) functions_[around.function] = folder_;
    if (end.apart || around.piped) folder_ = std::move(around.folder);
    if (!end.writes_to.empty()) {
      ++command_;
      end.sure = end.sure && !is_function && !printed.stale;
      add_printed(end, end.writes_to, std::exchange(printed, {}), end.appends);
    }
    script.output.print(is_function ? ShellWord{} : std::move(printed), end.sure);
  }

  static ShellCommand perhaps(ShellCommand command) {
    command.sure = false;
    return command;
  }

  // `echo KEY=VALUE | xargs sysctl -w`
  void read_xargs(const ShellCommand& command, ShellWords words, const ShellWord& input, int shells) {
    const ShellWords runs = command_of_xargs(words);
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

  void read_interpreter(const ShellCommand& command, ShellWords words, const ShellWord& input) {
    const InterpretedText runs = interpreted_by(words, input);
    if (runs.file != nullptr) return add_script(command, *runs.file, RunBy::other);
    add_other(command, runs.text);
  }

  // One after the other they are as one. Its words, which take many times the memory of their text, are not kept.
  void read_eval(ShellCommand& command, ShellWords words, int shells) {
    while (!words.empty() && words[0].text == "eval") words = words.subspan(1);
    const std::string text = joined(words);
    std::vector<ShellWord>().swap(command.words);
    read_here(command, text, shells, command.errexit);
  }

  // "trap 'sysctl ...' EXIT", at the end, or by a signal; not where `exec` has taken the shell's place.
  void read_trap(const ShellCommand& command, ShellWords words, int shells) {
    const std::size_t action = words.size() > 1 && words[1].text == "--" ? 2 : 1;
    if (words.size() > action + 1) read_text(perhaps(command), words[action].text, shells, false);
  }

  // "su root -c 'sysctl ...'"
  void read_su(const ShellCommand& command, ShellWords words, int shells) {
    for (std::size_t at = 1; at + 1 < words.size(); ++at) {
      const std::string& word = words[at].text;
      const bool takes_text =
          word == "--command" || (word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
      if (takes_text) return read_text(command, words[at + 1].text, shells, false);
    }
  }

  // "sh -e /opt/x.sh", "bash -euo pipefail -c 'sysctl ...'", and what it reads where it is given neither.
  void read_shell_call(const ShellCommand& command, ShellWords words, const ShellWord& input, int shells) {
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
    const Within outer = within_;
    within_ = {outer.line == 0 ? command.line : outer.line, outer.sure && command.sure, ends};
    read(text, shells - 1, ends ? RunBy::exiting_shell : RunBy::shell);
    within_ = outer;
  }

  std::size_t commands_ = 0;                                     // those of shells in the script among them
  ShellVariables variables_;                                     // that each shell begins with
  ShellRoom shell_room_;                                         // of all shells together
  std::map<std::string, WorkingFolder, std::less<>> functions_;  // that leave another folder: which one
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
  const ShellWords runs = without_wrappers(command.words);
  const ShellWord printed = printed_by(runs, input);
  reader.read(command, runs, input, kMostShells);
  if (key_of_file(around.prints_to).empty()) return std::move(reader.effects);
  command.sure = printed.known;  // most commands print nothing, and write nothing by that
  command.writes_to = {{.text = around.prints_to}};
  reader.add_printed(command, command.writes_to, printed, false);
  return std::move(reader.effects);
}

}  // namespace twctl
