#include "observe/wrapped_command.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

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
  constexpr std::array<std::string_view, 5> kShells{"sh", "bash", "dash", "ash", "ksh"};
  return is_one_of(program_of(word), kShells);
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
