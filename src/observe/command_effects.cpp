#include "observe/command_effects.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "formats/plain_words.hpp"
#include "formats/shell_exit.hpp"
#include "formats/sysctl.hpp"
#include "observe/other_language.hpp"
#include "observe/printed_text.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/line_settings.hpp"

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
constexpr std::array kWrappers{
    Wrapper{"sudo", "CghpRrTtUu"}, Wrapper{"exec", "a"},       Wrapper{"nohup"},
    Wrapper{"command", "vV"},      Wrapper{"env", "uCS"},      Wrapper{"busybox"},
    Wrapper{"nice", "n"},          Wrapper{"ionice", "cnpPu"}, Wrapper{"setsid"},
    Wrapper{"timeout", "ks", 1},   Wrapper{"flock", "wE", 1},  Wrapper{"chrt", "TPD", 1},
    Wrapper{"doas", "Cu"},         Wrapper{"runuser", "ug"},   Wrapper{"chroot", "", 1},
    Wrapper{"taskset", "", 1},     Wrapper{"stdbuf", "ioe"},   Wrapper{"systemd-run", "ptuEM"},
    Wrapper{"nsenter", "tSG"},     Wrapper{"unshare", "SG"},   Wrapper{"builtin"},
    Wrapper{"systemd-cat", "tp"}};

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

// What it runs is in another network namespace, whose values are not this host's.
bool leaves_network(Words words) {
  const std::string_view name = program_of(words.front());
  const auto is = [&](std::size_t at, std::string_view text) { return at < words.size() && words[at].text == text; };
  if (name == "ip") return is(1, "netns") && is(2, "exec");
  const bool unshares = name == "unshare";
  if (!unshares && name != "nsenter") return false;
  for (std::size_t at = 1; at < words.size() && words[at].text.starts_with('-'); ++at) {
    const std::string_view text = words[at].text;
    const bool by_letter = !text.starts_with("--") && text.find('n') != std::string_view::npos;
    if (text.starts_with("--net=") || (unshares && (by_letter || text == "--net"))) return true;
  }
  return false;
}

Words without_wrappers(Words words) {
  while (words.size() > 1) {
    if (leaves_network(words)) return {};
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

// What only the shell knows in it, as a wildcard: "net.ipv4.$1" -> "net.ipv4.*".
std::string with_wildcards(std::string_view text) {
  std::string pattern;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c != '$' && c != '`' && c != '{') {
      pattern += text[at++];
      continue;
    }
    pattern += '*';
    const bool in_braces = c == '{' || text.substr(at).starts_with("${");
    const bool in_parens = text.substr(at).starts_with("$(");
    if (c == '`' || in_braces || in_parens) {
      at = text.find(c == '`' ? '`' : in_braces ? '}' : ')', at + 1);
      at = at == std::string_view::npos ? text.size() : at + 1;
      continue;
    }
    ++at;
    if (text.substr(at).starts_with('%')) at = std::min(at + 2, text.size());  // a specifier of systemd's
    if (at < text.size() && std::string_view("@*#?!-$0123456789{").find(text[at]) != std::string_view::npos) ++at;
    while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_')) ++at;
  }
  return pattern;
}

// '*' stands for any text, dots in it too.
bool may_be(std::string_view pattern, std::string_view key) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == key;
  if (!key.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  const std::string_view end = rest.substr(rest.rfind('*') + 1);
  return key.size() >= star + end.size() && key.ends_with(end);  // what stands between two is not looked at
}

bool may_be_ours(std::string_view key) {
  const std::string pattern = with_wildcards(key);
  const auto ours = settings(Os::linux_kernel);
  return std::any_of(ours.begin(), ours.end(), [&](const Setting& one) { return may_be(pattern, one.key); });
}

// The words with `one` for each "{}" in them.
std::vector<ShellWord> with_replaced(Words words, std::string_view replaced, const ShellWord& one) {
  std::vector<ShellWord> all(words.begin(), words.end());
  for (ShellWord& word : all) {
    for (std::size_t at = word.text.find(replaced); at != std::string::npos && word.text.size() < kMostExpandedInWord;
         at = word.text.find(replaced, at + one.text.size())) {
      word.text.replace(at, replaced.size(), one.text);
      word.known = word.known && one.known;
    }
  }
  return all;
}

// The text behind "s/A/" of sed(1), and A; nullopt: another command.
struct Substitution {
  std::string pattern;
  std::string text;
};
std::optional<Substitution> substitution_of(std::string_view command) {
  const std::size_t s = command.find('s');
  if (s == std::string_view::npos || s + 1 >= command.size()) return std::nullopt;
  const char delimiter = command[s + 1];
  const bool odd = std::isalnum(static_cast<unsigned char>(delimiter)) != 0 || is_blank(delimiter) || delimiter == '\\';
  if (odd || (s > 0 && std::isalnum(static_cast<unsigned char>(command[s - 1])) != 0)) return std::nullopt;
  std::vector<std::string> parts(1);
  for (std::size_t at = s + 2; at < command.size() && parts.size() < 3; ++at) {
    if (command[at] == delimiter) {
      parts.emplace_back();
    } else if (command[at] == '\\' && at + 1 < command.size() &&
               (command[at + 1] == delimiter || command[at + 1] == '.')) {
      parts.back() += command[++at];
    } else {
      parts.back() += command[at];
    }
  }
  if (parts.size() < 2) return std::nullopt;
  return Substitution{std::move(parts[0]), std::move(parts[1])};
}

// The lines that an edit may put into a file, by one expression of sed(1) or perl(1).
std::vector<Assignment> lines_put_in(std::string_view expression) {
  std::string text(expression);
  std::string pattern;
  if (auto one = substitution_of(expression)) {
    text = std::move(one->text);
    pattern = std::move(one->pattern);
    const Setting* meant = setting_meant_by(pattern);
    if (meant != nullptr && text.find(meant->key) == std::string::npos) return {{.key = std::string(meant->key)}};
  } else {  // "$ a TEXT", "/x/c\\TEXT"
    const std::size_t at = expression.find("net");
    const bool puts = at != std::string_view::npos && at > 0 &&
                      (is_blank(expression[at - 1]) || expression[at - 1] == '\\' ||
                       std::string_view("aic").find(expression[at - 1]) < 3);
    if (!puts) return {};
    text = text.substr(at);
  }
  return read_assignments(text, Loader::procps).assignments;
}

constexpr std::ptrdiff_t kMostOutputs = 1000;  // of the commands in a block that prints into a file

bool prints_nothing(const ShellWord& command) {
  constexpr std::array<std::string_view, 9> kSilent{"for", "[", "[[", "test", ":", "true", "sleep", "cd", "set"};
  return is_one_of(command.text, kSilent);
}

class EffectReader {
 public:
  Effects effects;

  void read(std::string_view script, int shells, RunBy run_by = RunBy::shell) {
    ShellWord printed;               // by the command before
    std::vector<ShellWord> outputs;  // of the last commands
    const auto use = [&](const ShellCommand& command) {
      if (command.words.empty()) {  // a block has printed into files
        const ShellWord all = printed_by_last(command.of_commands, outputs);
        return add_printed(command, command.writes_to, all, command.appends);
      }
      if (command.piped && command.of_commands > 0) printed = printed_by_last(command.of_commands, outputs);
      const ShellWord input = given_to(command, std::move(printed));
      read(command, input, shells);
      printed = printed_by(without_wrappers(command.words), input);
      const bool stays = command.writes_to.empty() && printed.text.size() <= output_room_;
      output_room_ -= stays ? printed.text.size() : 0;
      if (outputs.size() == std::size_t{2} * kMostOutputs)
        outputs.erase(outputs.begin(), outputs.begin() + kMostOutputs);
      if (prints_nothing(command.words[0])) printed = {};
      outputs.push_back(stays ? printed : ShellWord{.text = {}, .known = !command.writes_to.empty()});
    };
    read_shell(script, use, run_by);
  }

  void read(const ShellCommand& command, const ShellWord& input, int shells) {
    if (first_line_ == 0) ++command_;
    const Words words = without_wrappers(command.words);
    if (!command.writes_to.empty()) {
      add_printed(command, command.writes_to, printed_by(words, input), command.appends);
    }
    if (words.empty()) return;
    if (change_files(command, words)) return;
    const std::string_view name = program_of(words[0]);
    const bool appends = words.size() > 1 && (words[1].text == "-a" || words[1].text == "--append");
    if (name == "tee") return add_printed(command, words.subspan(1), input, appends);
    const bool may_be_sysctl = !words[0].known && to_lower(words[0].text).find("sysctl") != std::string::npos;
    if (name == "sysctl" || may_be_sysctl) return read_sysctl(command, words, input);
    if (name == "systemd-sysctl") return read_systemd_sysctl(command, words);
    if (name == "cd") return change_folder(words);
    if (name == "dd") return read_dd(command, words, input);
    if (name == "trap" && words.size() > 2) return read_later(command, words[1].text, shells);
    if (name == "xargs") return read_xargs(command, words, input, shells);
    if (name == "eval") return read_eval(command, words.subspan(1), shells);
    if (name == "find") return read_find(command, words, shells);
    if (name == "at" || name == "batch") return read_later(command, input.text, shells);
    if (is_shell(words[0]) || name == "su") return read_shell_call(command, words, input, shells);
    if (is_interpreter(name)) return read_interpreter_call(command, words, input);
    const bool sources = words.size() > 1 && (words[0].text == "." || words[0].text == "source");
    if (!sources) return add_script(command, words[0], RunBy::itself);
    add_script(command, words[1], command.ends_script ? RunBy::exiting_shell : RunBy::shell);
  }

 private:
  void add(const ShellCommand& command, CommandEffect effect) {
    if (effects.size() > kMostEffects) return;
    if (first_line_ != 0) effect.line = first_line_;
    if (effect.line == 0) effect.line = command.line;
    const bool asks = !command.only_if.empty() && key_of_file(command.only_if) == effect.key;
    effect.asks = effect.asks || asks;
    effect.sure = effect.sure && command.sure && sure_ && (command.only_if.empty() || asks);
    effect.ends_script = command.ends_script && ends_ && !passes_over_;
    effect.command = command_;
    effects.push_back(std::move(effect));
  }

  static ShellWord printed_by_last(std::size_t commands, const std::vector<ShellWord>& outputs) {
    ShellWord all{.text = {}, .known = commands <= outputs.size()};
    const std::size_t count = std::min(commands, outputs.size());
    for (std::size_t at = outputs.size() - count; at < outputs.size() && all.text.size() < kMostExpanded; ++at) {
      all.text += outputs[at].text;
      all.known = all.known && outputs[at].known;
    }
    return all;
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
      if (!key.empty() && !target.known) {
        add_unknown(command, key, path);
        continue;
      }
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

  // `said`: as the script writes it.
  void add_unknown(const ShellCommand& command, std::string_view key, std::string_view said) {
    if (may_be_ours(key)) add(command, {.kind = Kind::writes_unknown, .value = std::string(said), .sure = false});
  }

  // A file that the script has written has another text then, or none. Whether that is all that the command does.
  bool change_files(const ShellCommand& command, Words words) {
    constexpr std::array<std::string_view, 3> kChangesAll{"rm", "mv", "truncate"};
    constexpr std::array<std::string_view, 2> kChangesLast{"cp", "ln"};
    constexpr std::array<std::string_view, 2> kEditors{"sed", "perl"};  // of files with -i alone
    const std::string_view name = program_of(words[0]);
    const bool edits = is_one_of(name, kEditors) && std::any_of(words.begin(), words.end(), [](const ShellWord& word) {
                         return word.text.starts_with("-") && word.text.find('i') != std::string::npos;
                       });
    const bool changes_all = edits || is_one_of(name, kChangesAll);
    if (!changes_all && !is_one_of(name, kChangesLast)) return false;
    for (const ShellWord& word : changes_all ? words.subspan(1) : words.last(1)) written_.change(absolute(word));
    if (edits) edit_file(command, words);
    const std::string key = key_of_file(words.back().text);
    if (name == "cp" && !key.empty()) add(command, {.key = key});
    return true;
  }

  // sed(1) with -i, or perl(1): which lines it changes is not known, but what it may put into the file stands in it.
  void edit_file(const ShellCommand& command, Words words) {
    const std::string path = absolute(words.back());
    if (!path.starts_with('/') || !words.back().known) return;
    edited_.insert(path);
    for (const ShellWord& word : words.subspan(1, words.size() - 2)) {
      if (word.text.starts_with('-') && word.text.find('=') == std::string::npos) continue;
      for (const Assignment& line : lines_put_in(word.text)) {
        const bool known = word.known || line.value.find_first_of("$`\\") == std::string::npos;
        const std::string value = known && line.value.find_first_of("$`\\&") == std::string::npos ? line.value : "";
        if (is_boot_file(path)) add(command, {.key = line.key, .value = value, .path = path, .sure = false});
        written_.write(path, line.key + " = " + (value.empty() ? "$" : value) + "\n", true, false);
      }
    }
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
    bool writes = false;
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
      } else if (word == "--write" || is_write_option(word)) {
        writes = true;
      } else if (!word.starts_with('-') || word == "-") {
        files.push_back(word);
        if (!loads) add_assignment(command, words[at], writes);
      }
    }
    if (loads && files.empty()) files.emplace_back(kSysctlConf);
    for (const std::string_view file : files) {
      if (loads) load(command, std::string(file), input);
    }
    passes_over_ = false;
  }

  void load(const ShellCommand& command, const std::string& file, const ShellWord& input) {
    const bool is_input = file == "-" || file == "/dev/stdin";
    if (is_input && !input.text.empty()) add_lines(command, input, true);
    const bool has_all = input.known || input.text.find_first_of("$`\\") != std::string::npos;  // but for values
    if (is_input && !has_all) add_unknown(command, "$input", "sysctl -p " + file);
    if (is_input) return;
    if (file.find_first_of("$`") != std::string::npos) {
      return add(command, {.kind = Kind::writes_unknown, .value = "sysctl -p " + file, .sure = false});
    }
    if (file.starts_with('/')) add(command, {.kind = Kind::reads_file, .path = file, .sure = !edited_.contains(file)});
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

  // "-w", "-qw"
  static bool is_write_option(std::string_view word) {
    return word.starts_with('-') && word.find_first_not_of("-eqiNnw") == std::string_view::npos &&
           word.find('w') != std::string_view::npos;
  }

  void add_assignment(const ShellCommand& command, const ShellWord& word, bool writes) {
    const std::size_t equals = word.text.find('=');
    const std::string_view written = std::string_view(word.text).substr(0, equals);
    const bool is_known_key = word.known || written.find_first_of("$`{") == std::string_view::npos;
    if (!is_known_key && (writes || equals != std::string::npos)) {
      return add_unknown(command, dotted_key(trim(written)), "sysctl -w " + word.text);
    }
    if (equals == std::string::npos) return;
    const std::string_view value = trim(std::string_view(word.text).substr(equals + 1));
    if (word.known && value.empty()) return;  // the kernel refuses nothing
    add(command, {.key = dotted_key(trim(std::string_view(word.text).substr(0, equals))),
                  .value = word.known ? std::string(value) : ""});
  }

  void read_dd(const ShellCommand& command, Words words, const ShellWord& input) {
    for (const ShellWord& word : words) {
      if (!word.text.starts_with("of=")) continue;
      const std::vector<ShellWord> target{{.text = word.text.substr(3), .known = word.known}};
      add_printed(command, target, input, false);
    }
  }

  void read_eval(const ShellCommand& command, Words words, int shells) {
    const std::string text = joined(words);
    read_text(command, text, shells, command.ends_script);
    const bool known = std::all_of(words.begin(), words.end(), [](const ShellWord& word) { return word.known; });
    if (!known && may_set_settings(text) && text.find_first_of("$`") < 2) add_unknown(command, "$", "eval " + text);
  }

  // find(1) with -exec: what it finds begins with the folder that it looks into.
  void read_find(const ShellCommand& command, Words words, int shells) {
    const auto is_exec = [](const ShellWord& word) { return word.text == "-exec" || word.text == "-execdir"; };
    const auto exec = std::find_if(words.begin(), words.end(), is_exec);
    if (exec == words.end() || words.size() < 3) return;
    const auto end =
        std::find_if(exec, words.end(), [](const ShellWord& word) { return word.text == ";" || word.text == "+"; });
    const std::vector<ShellWord> run(exec + 1, end);
    read_again(command, with_replaced(run, "{}", {.text = words[1].text + "$found", .known = false}), shells);
  }

  // At the script's end, by a signal or a clock.
  void read_later(const ShellCommand& command, std::string_view text, int shells) {
    ShellCommand later = command;
    later.sure = false;
    read_text(later, text, shells, false);
  }

  // What xargs(1) adds to its command, and how.
  struct Added {
    std::string replaced = {};  // in place of that; "": behind the last word
    bool by_line = false;
    std::size_t command = 1;  // where it begins
  };
  static Added added_by_xargs(Words words) {
    Added added;
    std::size_t& at = added.command;
    for (; at < words.size() && words[at].text.size() > 1 && words[at].text.starts_with('-'); ++at) {
      const std::string& word = words[at].text;
      const char option = word[1];
      const bool takes_next = word.size() == 2 && std::string_view("aEIdLnPs").find(option) != std::string_view::npos;
      if (takes_next) ++at;
      const std::string value = !takes_next ? word.substr(2) : at < words.size() ? words[at].text : "";
      added.by_line = added.by_line || option == 'I' || option == 'd' || option == 'i';
      if (option == 'I') added.replaced = value;
      if (option == 'i') added.replaced = value.empty() ? "{}" : value;
    }
    return added;
  }

  // How many words at a time makes no odds to sysctl.
  void read_xargs(const ShellCommand& command, Words words, const ShellWord& input, int shells) {
    const Added added = added_by_xargs(words);
    if (added.command >= words.size()) return;
    std::vector<ShellWord> given{{.text = "$(xargs)", .known = false}};
    if (input.known && !added.by_line) given = plain_words(input.text);
    if (input.known && added.by_line) given.clear();
    for (const std::string_view line : split(input.text, '\n')) {
      if (input.known && added.by_line && !trim(line).empty()) given.push_back({.text = std::string(trim(line))});
    }
    const Words run = words.subspan(added.command);
    if (given.size() * run.size() > kMostEffects) given = {{.text = "$(xargs)", .known = false}};
    if (added.replaced.empty()) {
      std::vector<ShellWord> all(run.begin(), run.end());
      all.insert(all.end(), given.begin(), given.end());
      return read_again(command, std::move(all), shells);
    }
    for (const ShellWord& one : given) read_again(command, with_replaced(run, added.replaced, one), shells);
  }

  void read_again(const ShellCommand& command, std::vector<ShellWord> words, int shells) {
    if (shells == 0) return;
    ShellCommand inner = command;
    inner.words = std::move(words);
    inner.writes_to.clear();
    const int number = command_;
    read(inner, {.text = {}, .known = false}, shells - 1);
    command_ = number;
  }

  // "sh -e /opt/x.sh", "su root -c 'sysctl ...'"
  void read_shell_call(const ShellCommand& command, Words words, const ShellWord& input, int shells) {
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
    if (!input.text.empty()) read_text(command, input.text, shells, false);  // what it is given to read
  }

  // "python3 -u /opt/x.py", "perl -e '...'"
  void read_interpreter_call(const ShellCommand& command, Words words, const ShellWord& input) {
    for (std::size_t at = 1; at < words.size(); ++at) {
      const std::string& word = words[at].text;
      if (word == "-") break;
      if (!word.starts_with('-')) return add_script(command, words[at], RunBy::other);
      const bool takes_text = word.ends_with('c') || word.ends_with('e') || word.ends_with('E') || word == "-r";
      if (!takes_text || at + 1 == words.size()) continue;
      return add_of_other_language(command, words[at + 1].text);
    }
    add_of_other_language(command, input.text);
  }

  void add_of_other_language(const ShellCommand& command, std::string_view text) {
    for (NamedSetting& one : settings_in_other_language(text, kMostEffects)) {
      add(command, {.key = std::move(one.key), .value = std::move(one.value), .sure = false});
    }
  }

  // Of a shell in the shell. What it does is of the line where it stands. `ends`: where it fails, so does the command.
  void read_text(const ShellCommand& command, std::string_view text, int shells, bool ends) {
    if (shells == 0) return;
    const auto outer = std::make_tuple(first_line_, sure_, ends_);
    if (first_line_ == 0) first_line_ = command.line;
    sure_ = sure_ && command.sure && command.only_if.empty();
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
  std::set<std::string, std::less<>> edited_;  // files
  std::size_t room_ = kMostExpanded;           // for what is printed into files
  std::size_t input_room_ = kMostExpanded;     // and for what commands read
  std::size_t output_room_ = kMostExpanded;
};

}  // namespace

std::vector<CommandEffect> effects_of(std::string_view script, RunBy run_by) {
  if (run_by == RunBy::other || (run_by == RunBy::itself && is_in_other_language(script))) {
    Effects effects;
    for (NamedSetting& one : settings_in_other_language(script, kMostEffects)) {
      effects.push_back({.key = std::move(one.key), .value = std::move(one.value), .line = one.line, .sure = false});
    }
    return effects;
  }
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
