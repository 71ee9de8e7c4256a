// Text of a shell script -> its simple commands, each with the words that the shell would give it and whether it is
// sure to run. Reads, never runs: what a variable of somewhere else, $(...) or a pattern stands for is not known. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

// Bytes that variables may put into one word, and into all words of a script: "A=$A$A" doubles with each line. What
// would be more is not known.
inline constexpr std::size_t kMostExpandedInWord = 1024;
inline constexpr std::size_t kMostExpanded = std::size_t{1024} * 1024;
// Bytes of loops that are read again, for the second word of their `for` on.
inline constexpr std::size_t kMostRepeated = std::size_t{1024} * 1024;

struct ShellWord {
  std::string text;     // without its quotes; what is not known stands as it is written
  bool known = true;    // no part of it depends on what only the running shell knows
  bool splits = false;  // a variable without quotes has put a blank into it: the shell makes several words of it
};

struct ShellCommand {
  std::vector<ShellWord> words;
  std::vector<ShellWord> writes_to;  // the files behind > and >>
  std::optional<ShellWord> input;    // a here-document's lines, variables in them as they are written; the word of <<<
  int line = 0;                      // where its first word stands, from 1
  // Runs whenever the script does: in no if or function, behind no && or ||, and in a loop only if that is a `for` over
  // words that are known.
  bool sure = true;
  bool piped = false;        // it reads what the command before it prints
  bool ends_script = false;  // where it fails: `set -e`, and nothing asks how it ended
};

// How a script is run. The interpreter's options in its first line count only where the kernel starts it.
enum class RunBy { itself, shell, exiting_shell };  // the last: errexit is on from the start

using ShellVariables = std::map<std::string, ShellWord, std::less<>>;

// Hands out each command in turn, none behind an `exit` that is sure to run: together they take many times the memory
// of their text. A `for` hands them out once for each of its words. The variables as the script leaves them, where it
// is sure to set them.
ShellVariables read_shell(std::string_view text, const std::function<void(ShellCommand)>& use,
                          RunBy run_by = RunBy::itself);

}  // namespace twctl
