#include "observe/writers/wrapped_command.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "formats/shell_exit.hpp"

namespace twctl {
namespace {

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
ShellWords behind(const Wrapper& wrapper, ShellWords words) {
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

}  // namespace

bool is_shell(const ShellWord& word) {
  constexpr std::array<std::string_view, 8> kShells{"sh", "bash", "dash", "ash", "ksh", "zsh", "mksh", "rbash"};
  return is_one_of(program_of(word), kShells);
}

bool is_standard_input(std::string_view path) { return path == "/dev/stdin" || path == "/dev/fd/0"; }

const ShellWord* file_handed_on(const ShellCommand& command, ShellWords words) {
  if (words.empty() || program_of(words[0]) != "cat") return nullptr;
  if (words.size() == 1) return command.input_file ? &*command.input_file : nullptr;
  return words.size() == 2 && !words[1].text.starts_with('-') ? &words[1] : nullptr;
}

// Of `-euo pipefail -c TEXT` each `o` takes a word of its own, and the text is the first that is no option.
ShellCall shell_call(ShellWords words) {
  ShellCall call;
  bool reads_input = false;
  std::size_t at = 1;
  for (; at < words.size(); ++at) {
    const std::string_view word = words[at].text;
    if (word == "--" || word == "-") {
      ++at;
      break;
    }
    if (!word.starts_with('-') && !word.starts_with('+')) break;
    if (word.starts_with("--")) {
      at += word == "--rcfile" || word == "--init-file" ? 1 : 0;
      continue;
    }
    call.takes_text = call.takes_text || word.find('c') != std::string_view::npos;
    reads_input = reads_input || word.find('s') != std::string_view::npos;
    call.exits = call.exits || has_exit_option(word);
    const auto named =
        static_cast<std::size_t>(std::count_if(word.begin(), word.end(), [](char c) { return c == 'o' || c == 'O'; }));
    for (std::size_t i = 0; i < named && at + 1 < words.size(); ++i) {
      ++at;
      call.exits = call.exits || (word.starts_with('-') && words[at].text == "errexit");
    }
  }
  if (at < words.size() && (call.takes_text || !(reads_input || is_standard_input(words[at].text)))) {
    call.first = &words[at];
  }
  return call;
}

// Those below only say it, or do so elsewhere; "log" begins the names of many functions.
bool may_hand_on(std::string_view name, ShellWords words) {
  constexpr std::array kOnlySays = std::to_array<std::string_view>(
      {":", "echo", "printf", "grep", "egrep", "fgrep", "cat", "ls", "which", "type", "hash", "man", "head", "stat",
       "diff", "cmp", "readlink", "systemctl", "service", "chmod", "chown", "touch", "rm", "mount", "umount", "alias",
       "export", "local", "readonly", "declare", "return", "exit", "for", "apt-get", "apt", "dnf", "yum", "zypper",
       "git", "tar", "rsync", "curl", "wget", "sed", "auditctl", "restorecon", "setfacl", "chattr",
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

ShellWords without_wrappers(ShellWords words) {
  while (words.size() > 1) {
    const auto wrapper = std::find_if(kWrappers.begin(), kWrappers.end(),
                                      [&](const Wrapper& one) { return one.name == program_of(words.front()); });
    if (wrapper == kWrappers.end()) break;
    words = behind(*wrapper, words);
  }
  return words;
}

ShellWords command_of_xargs(ShellWords words) {
  constexpr Wrapper kXargs{"xargs", "EILPadns"};
  return behind(kXargs, words);
}

}  // namespace twctl
