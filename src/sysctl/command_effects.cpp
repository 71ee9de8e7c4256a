#include "sysctl/command_effects.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "platform/boot_file_store.hpp"

namespace twctl {
namespace {

using Effects = std::vector<CommandEffect>;
using Words = std::span<const ShellWord>;
using Kind = CommandEffect::Kind;

constexpr std::string_view kSettingFiles = "proc/sys/";  // below the root
constexpr int kMostShells = 4;                           // sh -c "sh -c ..."

std::string_view name_of(const ShellWord& word) {
  const std::string_view path = word.text;
  return path.substr(path.rfind('/') + 1);
}

bool is_shell(const ShellWord& word) {
  constexpr std::array<std::string_view, 5> kShells{"sh", "bash", "dash", "ash", "ksh"};
  return is_one_of(name_of(word), kShells);
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
                                      [&](const Wrapper& one) { return one.name == name_of(words.front()); });
    if (wrapper == kWrappers.end()) break;
    words = behind(*wrapper, words);
  }
  return words;
}

// "15" of `echo -n 15`; an unknown one for another command.
ShellWord printed_by(Words words) {
  ShellWord printed{.text = {},
                    .known = !words.empty() && (name_of(words[0]) == "echo" || name_of(words[0]) == "printf")};
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (printed.text.empty() && (words[at].text == "-n" || words[at].text == "-e")) continue;
    printed.text.append(printed.text.empty() ? "" : " ").append(words[at].text);
    printed.known = printed.known && words[at].known;
  }
  if (printed.text.ends_with("\\n")) printed.text.resize(printed.text.size() - 2);
  return printed;
}

class EffectReader {
 public:
  Effects effects;

  void read(std::string_view script, int shells) {
    ShellCommand before;
    read_shell(script, [&](ShellCommand command) {
      read(command, command.piped ? Words(before.words) : Words(), shells);
      before = std::move(command);
    });
  }

  // `feeder`: the command whose output it reads.
  void read(const ShellCommand& command, Words feeder, int shells) {
    if (first_line_ == 0) ++command_;
    const Words words = without_wrappers(command.words);
    if (!command.writes_to.empty()) add_printed(command, command.writes_to, printed_by(words));
    if (words.empty()) return;
    if (name_of(words[0]) == "tee") return add_printed(command, words, printed_by(feeder));
    if (name_of(words[0]) == "sysctl") return read_sysctl(command, words);
    if (name_of(words[0]) == "systemd-sysctl") return read_systemd_sysctl(command, words);
    if (is_shell(words[0])) return read_shell_call(command, words, shells);
    const bool sources = words.size() > 1 && (words[0].text == "." || words[0].text == "source");
    add_script(command, words[sources ? 1 : 0]);
  }

 private:
  void add(const ShellCommand& command, CommandEffect effect) {
    if (effects.size() > kMostEffects) return;
    if (first_line_ != 0) effect.line = first_line_;
    if (effect.line == 0) effect.line = command.line;
    effect.sure = command.sure && sure_;
    effect.ends_script = command.ends_script && first_line_ == 0 && !passes_over_;
    effect.command = command_;
    effects.push_back(std::move(effect));
  }

  // A long text that goes to many files is as often in memory: no more of it is known than of variables.
  void add_printed(const ShellCommand& command, Words targets, const ShellWord& printed) {
    for (const ShellWord& target : targets) {
      std::string key = key_of_file(target.text);
      if (key.empty()) continue;
      const bool known = printed.known && printed.text.size() <= room_;
      room_ -= known ? printed.text.size() : 0;
      add(command, {.key = std::move(key), .value = known ? printed.text : ""});
    }
  }

  void add_script(const ShellCommand& command, const ShellWord& path) {
    if (path.known && path.text.starts_with('/')) add(command, {.kind = Kind::runs_script, .path = path.text});
  }

  // sysctl(8): with -p what is no option is a file, else KEY=VALUE.
  void read_sysctl(const ShellCommand& command, Words words) {
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
        const std::size_t file = word.find_first_of(word.starts_with("--") ? "=" : "p");
        if (file < word.size() - 1) files.push_back(word.substr(file + 1));
      } else if (!word.starts_with('-')) {
        files.push_back(word);
        if (!loads) add_assignment(command, words[at]);
      }
    }
    if (loads && files.empty()) files.emplace_back(kSysctlConf);
    for (const std::string_view file : files) {
      if (loads && file.starts_with('/')) add(command, {.kind = Kind::reads_file, .path = std::string(file)});
    }
    passes_over_ = false;
  }

  // systemd-sysctl(8), with files; without one it is the loader.
  void read_systemd_sysctl(const ShellCommand& command, Words words) {
    for (const ShellWord& word : words.subspan(1)) {
      if (word.text.starts_with('/')) add(command, {.kind = Kind::reads_file, .path = word.text});
    }
  }

  // "-e", "-qe": it ends with 0 over a key that is not there.
  static bool ignores_unknown(const ShellWord& word) {
    const std::string_view text = word.text;
    return text == "--ignore" ||
           (text.starts_with('-') && text.find_first_not_of("-eqiNnwb") == std::string_view::npos &&
            text.find('e') != std::string_view::npos);
  }

  // "-p", "-qp", "-p/etc/x.conf".
  static bool is_load_option(std::string_view word) {
    const std::size_t p = word.find_first_not_of("-eqiNn");
    return word.starts_with('-') && p != std::string_view::npos && word[p] == 'p';
  }

  void add_assignment(const ShellCommand& command, const ShellWord& word) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string::npos) return;
    const std::string_view value = trim(std::string_view(word.text).substr(equals + 1));
    if (word.known && value.empty()) return;  // the kernel refuses nothing
    add(command, {.key = dotted_key(trim(std::string_view(word.text).substr(0, equals))),
                  .value = word.known ? std::string(value) : ""});
  }

  void read_shell_call(const ShellCommand& command, Words words, int shells) {
    for (std::size_t at = 1; at < words.size(); ++at) {
      const std::string& word = words[at].text;
      if (!word.starts_with('-')) return add_script(command, words[at]);
      if (!word.ends_with('c') || at + 1 == words.size() || shells == 0) continue;
      const auto outer = std::make_pair(first_line_, sure_);
      first_line_ = command.line;
      sure_ = sure_ && command.sure;
      read(words[at + 1].text, shells - 1);
      std::tie(first_line_, sure_) = outer;
      return;
    }
  }

  int command_ = 0;
  bool passes_over_ = false;  // `sysctl -e`
  int first_line_ = 0;        // of the command that a shell's own text stands in; 0: not in one
  bool sure_ = true;
  std::size_t room_ = kMostExpanded;  // for what is printed
};

}  // namespace

std::vector<CommandEffect> effects_of(std::string_view script) {
  EffectReader reader;
  reader.read(script, kMostShells);
  return std::move(reader.effects);
}

std::vector<CommandEffect> effects_without_shell(std::string_view command_line, StartOptions options) {
  EffectReader reader;
  bool first = true;
  read_shell(command_line, [&](ShellCommand command) {
    command.writes_to.clear();
    command.ends_script = options.ends;
    if (options.names_itself && command.words.size() > 1) command.words.erase(command.words.begin() + 1);
    if (std::exchange(first, false)) reader.read(command, {}, kMostShells);
  });
  return std::move(reader.effects);
}

std::string key_of_file(std::string_view path) {
  if (!path.starts_with('/') || !path.substr(1).starts_with(kSettingFiles)) return {};
  std::string key(path.substr(1 + kSettingFiles.size()));
  std::replace(key.begin(), key.end(), '/', '.');
  return key;
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
