// Commands of a script or unit -> what they do to settings: sysctl(8), and text that is printed into a file of
// /proc/sys. Pure; never judges a key or a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/writers/command_effect.hpp"

namespace twctl {

// Of a script's text, in their order. `path`: the script's; "" for one that is no file.
[[nodiscard]] std::vector<CommandEffect> effects_of(std::string_view script, RunBy run_by = RunBy::itself,
                                                    std::string_view path = {});

// What a command that no shell reads is run with.
struct Surroundings {
  bool ends = false;           // where it fails, none that follows it runs
  ShellWord folder = {};       // "" for none that is known
  std::string prints_to = {};  // a file; "" for none that counts
  std::optional<ShellWord> input = {};
  std::optional<ShellWord> input_file = {};
};

// Of its words (plain_words()): a '>' among them is a word like another.
[[nodiscard]] std::vector<CommandEffect> effects_without_shell(std::vector<ShellWord> words,
                                                               const Surroundings& around = {});

}  // namespace twctl
