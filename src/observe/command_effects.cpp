#include "observe/command_effects.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "formats/shell_exit.hpp"
#include "formats/sysctl.hpp"
#include "observe/printed_text.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

using Effects = std::vector<CommandEffect>;
using Words = ShellWords;
using Kind = CommandEffect::Kind;

constexpr int kMostShells = 4;  // sh -c "sh -c ..."

bool is_shell(const ShellWord& word) {
  constexpr std::array<std::string_view, 5> kShells{"sh", "bash", "dash", "ash", "ksh"};
  return is_one_of(program_of(word), kShells);
}

// What merely runs another command: "sudo -u root sysctl", "timeout -k 5 60 sysctl".
struct Wrapper {
  std::string_view name;
  std::string_view options_with_value = {};  // their letters
  std::size_t before_command = 0;            // words that are neither options nor the command
};
constexpr std::array kWrappers{Wrapper{"sudo", "CghpRrTtUu"}, Wrapper{"exec", "a"},       Wrapper{"nohup"},
                               Wrapper{"command", "vV"},      Wrapper{"env", "uCS"},      Wrapper{"busybox"},
                               Wrapper{"nice", "n"},          Wrapper{"ionice", "cnpPu"}, Wrapper{"setsid"},
                               Wrapper{"timeout", "ks", 1},   Wrapper{"flock", "wE", 1},  Wrapper{"chrt", "TPD", 1}};

// The command of a wrapper's words, with NAME=VALUE before it taken for what `env` and `sudo` are given.
Words behind(const Wrapper& wrapper, Words words) {
  std::size_t at = 1;
  for (; at < words.size(); ++at) {
    const std::string_view word = words[at].text;
    if (word.starts_with('-')) {
      at += word.size() == 2 && wrapper.options_with_value.find(word[1]) != std::string_view::npos ? 1 : 0;
    } else if (word.find('=') == std::string_view::npos) {
      break;
    }
  }
  return words.subspan(std::min(at + wrapper.before_command, words.size()));
}

Words without_wrappers(Words words) {
  while (words.size() > 1) {
    const auto wrapper = std::find_if(kWrappers.begin(), kWrappers.end(),
                                      [&](const Wrapper& one) { return one.name == program_of(words.front()); });
    if (wrapper == kWrappers.end()) break;
    words = behind(*wrapper, words);
  }
  return words;
}

std::string joined(Words said) {
  std::string text;
  for (const ShellWord& word : said) text.append(text.empty() ? "" : " ").append(word.text);
  return text;
}

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// Of those that a loader reads at boot.
bool is_boot_file(std::string_view path) {
  const auto folders = boot_directories();
  const auto is_below = [&](std::string_view folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
  };
  return path == kSysctlConf || (path.ends_with(".conf") && std::any_of(folders.begin(), folders.end(), is_below));
}

class EffectReader {
 public:
  Effects effects;

  void read(std::string_view script, int shells, RunBy run_by = RunBy::shell) {
    ShellWord printed;  // by the command before
    const auto use = [&](const ShellCommand& command) {
      const ShellWord input = given_to(command, std::move(printed));
      read(command, input, shells);
      printed = printed_by(without_wrappers(command.words), input);
    };
    read_shell(script, use, run_by, shell_room_);
  }

  void read(const ShellCommand& command, const ShellWord& input, int shells) {
    if (first_line_ == 0) ++command_;
    const Words words = without_wrappers(command.words);
    if (!command.writes_to.empty()) {
      add_printed(command, command.writes_to, printed_by(words, input), command.appends);
    }
    if (words.empty()) return;
    change_files(words);
    const std::string_view name = program_of(words[0]);
    const bool appends = words.size() > 1 && words[1].text == "-a";
    if (name == "tee") return add_printed(command, words.subspan(1), input, appends);
    if (name == "sysctl") return read_sysctl(command, words, input);
    if (name == "systemd-sysctl") return read_systemd_sysctl(command, words);
    if (name == "cd") return change_folder(words);
    if (name == "eval") return read_text(command, joined(words.subspan(1)), shells, command.ends_script);
    if (is_shell(words[0]) || name == "su") return read_shell_call(command, words, shells);
    const bool sources = words.size() > 1 && (words[0].text == "." || words[0].text == "source");
    if (!sources) return add_script(command, words[0], RunBy::itself);
    add_script(command, words[1], command.ends_script ? RunBy::exiting_shell : RunBy::shell);
  }

 private:
  void add(const ShellCommand& command, CommandEffect effect) {
    if (effects.size() > kMostEffects) return;
    if (first_line_ != 0) effect.line = first_line_;
    if (effect.line == 0) effect.line = command.line;
    effect.sure = effect.sure && command.sure && sure_;
    effect.ends_script = command.ends_script && ends_ && !passes_over_;
    effect.command = command_;
    effects.push_back(std::move(effect));
  }

  // What it reads. A long text that is handed from command to command is as often copied.
  ShellWord given_to(const ShellCommand& command, ShellWord printed_before) {
    if (command.input) printed_before = *command.input;
    const bool has = command.input || command.piped;
    if (!has || !take_input(printed_before.text.size())) return {.text = {}, .known = false};
    return printed_before;
  }

  bool take_input(std::size_t bytes) {
    const bool fits = bytes <= input_room_;
    input_room_ -= fits ? bytes : 0;
    return fits;
  }

  // A long text that goes to many files is as often in memory: no more of it is known than of variables.
  void add_printed(const ShellCommand& command, Words targets, const ShellWord& printed, bool appends) {
    const bool has_lines = printed.text.find('=') != std::string::npos;
    for (const ShellWord& target : targets) {
      const std::string path = absolute(target);
      std::string key = key_of_file(path);
      if (key.empty() && !has_lines && !appends) written_.change(path);
      if (key.empty() && (!has_lines || !path.starts_with('/'))) continue;
      const std::string_view value = without_line_ends(printed.text);
      const std::size_t size = key.empty() ? printed.text.size() : value.size();
      const bool fits = size <= room_;
      room_ -= fits ? size : 0;
      if (!key.empty()) {
        add(command, {.key = std::move(key), .value = std::string(fits && printed.known ? value : "")});
      } else if (fits) {
        written_.write(path, printed.text, appends, command.sure && sure_);  // a `sysctl -p` behind it may load that
        if (is_boot_file(path)) add_lines(command, printed, false, path);    // at later boots
      }
    }
  }

  // A file that the script has written has another text then, or none.
  void change_files(Words words) {
    constexpr std::array<std::string_view, 3> kChangesAll{"rm", "mv", "truncate"};
    constexpr std::array<std::string_view, 2> kChangesLast{"cp", "ln"};
    constexpr std::array<std::string_view, 2> kEditors{"sed", "perl"};  // of files with -i alone
    const std::string_view name = program_of(words[0]);
    const bool edits = is_one_of(name, kEditors) && std::any_of(words.begin(), words.end(), [](const ShellWord& word) {
                         return word.text.starts_with("-") && word.text.find('i') != std::string::npos;
                       });
    const bool changes_all = edits || is_one_of(name, kChangesAll);
    if (!changes_all && !is_one_of(name, kChangesLast)) return;
    for (const ShellWord& word : changes_all ? words.subspan(1) : words.last(1)) written_.change(absolute(word));
  }

  // The lines of a sysctl file. A value in which a shell puts something is not known.
  void add_lines(const ShellCommand& command, const ShellWord& lines, bool sure, const std::string& boot_file = {}) {
    for (const Assignment& line : read_assignments(lines.text, Loader::procps).assignments) {
      if (line.exclusion || line.value.empty()) continue;
      const bool known = lines.known || line.value.find_first_of("$`\\") == std::string::npos;
      add(command, {.key = line.key, .value = known ? line.value : "", .path = boot_file, .sure = sure});
    }
  }

  void change_folder(Words words) {
    constexpr std::size_t kLongestPath = 4096;
    const bool known =
        words.size() > 1 && words[1].known && words[1].text.starts_with('/') && words[1].text.size() <= kLongestPath;
    folder_ = known ? words[1].text : "";
  }

  [[nodiscard]] std::string absolute(const ShellWord& target) const {
    return target.text.starts_with('/') || folder_.empty() ? target.text : folder_ + "/" + target.text;
  }

  void add_script(const ShellCommand& command, const ShellWord& path, RunBy run_by) {
    if (!path.known || !path.text.starts_with('/')) return;
    add(command, {.kind = Kind::runs_script, .path = path.text, .run_by = run_by});
  }

  // sysctl(8): with -p what is no option is a file, else KEY=VALUE; with --dry-run nothing is written.
  void read_sysctl(const ShellCommand& command, Words words, const ShellWord& input) {
    if (std::any_of(words.begin(), words.end(), [](const ShellWord& word) { return word.text == "--dry-run"; })) return;
    bool loads = false;
    std::vector<std::string_view> files;
    passes_over_ = std::any_of(words.begin(), words.end(), ignores_unknown);
    for (std::size_t at = 1; at < words.size(); ++at) {
      const std::string_view word = words[at].text;
      if (word == "--system") {
        passes_over_ = false;
        return add(command, {.kind = Kind::reads_all});
      }
      if (word.starts_with("--load") || is_load_option(word)) {
        loads = true;
        const std::size_t file = word.find_first_of(word.starts_with("--") ? "=" : "pf");
        if (file < word.size() - 1) files.push_back(word.substr(file + 1));
      } else if (!word.starts_with('-') || word == "-") {
        files.push_back(word);
        if (!loads) add_assignment(command, words[at]);
      }
    }
    if (loads && files.empty()) files.emplace_back(kSysctlConf);
    for (const std::string_view file : files) {
      if (loads) load(command, std::string(file), input);
    }
    passes_over_ = false;
  }

  void load(const ShellCommand& command, const std::string& file, const ShellWord& input) {
    if (file == "-" || file == "/dev/stdin") return add_lines(command, input, true);
    if (file.starts_with('/')) add(command, {.kind = Kind::reads_file, .path = file});
    const WrittenFiles::File* written = written_.find(file);
    if (written != nullptr && take_input(written->text.size())) {
      add_lines(command, {.text = written->text, .known = false}, written->sure);
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

  // "-e", "-qe": it ends with 0 over a key that is not there.
  static bool ignores_unknown(const ShellWord& word) {
    const std::string_view text = word.text;
    return text == "--ignore" ||
           (text.starts_with('-') && text.find_first_not_of("-eqiNnwb") == std::string_view::npos &&
            text.find('e') != std::string_view::npos);
  }

  // "-p", "-qp", "-p/etc/x.conf"; -f is the same.
  static bool is_load_option(std::string_view word) {
    const std::size_t p = word.find_first_not_of("-eqiNnw");
    return word.starts_with('-') && p != std::string_view::npos && (word[p] == 'p' || word[p] == 'f');
  }

  void add_assignment(const ShellCommand& command, const ShellWord& word) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string::npos) return;
    const std::string_view value = trim(std::string_view(word.text).substr(equals + 1));
    if (word.known && value.empty()) return;  // the kernel refuses nothing
    add(command, {.key = dotted_key(trim(std::string_view(word.text).substr(0, equals))),
                  .value = word.known ? std::string(value) : ""});
  }

  // "sh -e /opt/x.sh", "su root -c 'sysctl ...'"
  void read_shell_call(const ShellCommand& command, Words words, int shells) {
    const bool names_user = program_of(words[0]) == "su";
    bool exits = false;
    for (std::size_t at = 1; at < words.size(); ++at) {
      const std::string& word = words[at].text;
      const bool is_option = word.starts_with('-') || word.starts_with('+');
      if (!is_option && names_user) continue;
      if (!is_option) return add_script(command, words[at], exits ? RunBy::exiting_shell : RunBy::shell);
      if (word == "-o" || word == "+o" || word == "-O" || word == "+O") {
        exits = exits || (word == "-o" && at + 1 < words.size() && words[at + 1].text == "errexit");
        ++at;
        continue;
      }
      exits = exits || has_exit_option(word);
      if (!word.ends_with('c') || at + 1 == words.size()) continue;
      const std::string& text = words[at + 1].text;
      const bool is_one_command = text.find_first_of(";&|\n") == std::string::npos;
      return read_text(command, text, shells, command.ends_script && (exits || is_one_command));
    }
  }

  // Of a shell in the shell. What it does is of the line where it stands. `ends`: where it fails, so does the command.
  void read_text(const ShellCommand& command, std::string_view text, int shells, bool ends) {
    if (shells == 0) return;
    const auto outer = std::make_tuple(first_line_, sure_, ends_);
    if (first_line_ == 0) first_line_ = command.line;
    sure_ = sure_ && command.sure;
    ends_ = ends;
    read(text, shells - 1, ends ? RunBy::exiting_shell : RunBy::shell);
    std::tie(first_line_, sure_, ends_) = outer;
  }

  int command_ = 0;
  bool passes_over_ = false;  // `sysctl -e`
  int first_line_ = 0;        // of the command that a shell's own text stands in; 0: not in one
  bool sure_ = true;
  bool ends_ = true;         // a command that fails may end the script
  std::string folder_ = {};  // the last known `cd`; "" for none
  WrittenFiles written_;
  ShellRoom shell_room_;                    // of all shells together
  std::size_t room_ = kMostExpanded;        // for what is printed into files
  std::size_t input_room_ = kMostExpanded;  // and for what commands read
};

}  // namespace

std::vector<CommandEffect> effects_of(std::string_view script, RunBy run_by) {
  EffectReader reader;
  reader.read(script, kMostShells, run_by);
  return std::move(reader.effects);
}

std::vector<CommandEffect> effects_without_shell(std::vector<ShellWord> words, bool ends) {
  EffectReader reader;
  ShellCommand command;
  command.words = std::move(words);
  command.line = 1;
  command.ends_script = ends;
  reader.read(command, {.text = {}, .known = false}, kMostShells);
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
