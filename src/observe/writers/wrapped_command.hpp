// Programs that run what their words name. Pure.
#pragma once

#include "observe/writers/printed_text.hpp"

namespace twctl {

// What a shell is called with: its first operand, which is a text to run with -c, else a script; nullptr: none.
struct ShellCall {
  const ShellWord* first = nullptr;
  bool takes_text = false;
  bool exits = false;  // errexit is on
};
[[nodiscard]] ShellCall shell_call(ShellWords words);

[[nodiscard]] bool is_shell(const ShellWord& word);

// "/dev/stdin" and its kin.
[[nodiscard]] bool is_standard_input(std::string_view path);

// What `cat FILE` hands on, the file of `cat <FILE` too; nullptr: no one file.
[[nodiscard]] const ShellWord* file_handed_on(const ShellCommand& command, ShellWords words);

// The words of the command that merely other programs run: of "sudo -u root sysctl" the last.
[[nodiscard]] ShellWords without_wrappers(ShellWords words);

// Whether a program that is not known here may run or write what its words name.
[[nodiscard]] bool may_hand_on(std::string_view name, ShellWords words);

// What xargs(1) runs with what it reads; empty for nothing.
[[nodiscard]] ShellWords command_of_xargs(ShellWords words);

}  // namespace twctl
