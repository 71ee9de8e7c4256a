// A simple command of a shell script, as read_shell() hands it out (shell.hpp).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

// Bytes that variables may put into one word. What would be more is not known.
inline constexpr std::size_t kMostExpandedInWord = 1024;

// Bytes that variables may put into all words of a script, "A=$A$A" doubles with each line, together with those of the
// words that a shell makes of one by its blanks; and bytes of its loops that are read again, for the second word of
// their `for` on. What would be more is not known.
inline constexpr std::size_t kMostExpanded = std::size_t{1024} * 1024;
inline constexpr std::size_t kMostRepeated = std::size_t{1024} * 1024;

// What is left of both: one for a script and all that it gives to shells of their own (sh -c).
struct ShellRoom {
  std::size_t expanded = kMostExpanded;
  std::size_t repeated = kMostRepeated;
};

// What <(...) of bash is: a file whose number only the shell knows.
inline constexpr std::string_view kPrintedFile = "/dev/fd/$";

struct ShellWord {
  std::string text;     // without its quotes; what is not known stands as it is written
  bool known = true;    // no part of it depends on what only the running shell knows
  bool splits = false;  // a variable without quotes has put a blank into it: the shell makes several words of it
  // Not known, for a file that was sourced since may have set its variables anew, or a shell that is not bash may leave
  // its braces as they are; else as it says.
  bool stale = false;
};

struct ShellCommand {
  // Blocks are if, loops, case, { }, ( ) and the bodies of functions. What stands behind one's end is of that: where
  // its output goes. A substitution is what a shell of its own runs for a word of the command that follows.
  enum class Kind { simple, substitution, begins_block, ends_block };
  Kind kind = Kind::simple;
  std::vector<ShellWord> words;      // of a `for` without those behind `in`; of a function's body its name
  std::vector<ShellWord> writes_to;  // the files behind > and >>
  bool appends = false;              // one of them behind >>
  std::optional<ShellWord> input;    // a here-document's lines, variables in them as they are written; the word of <<<
  std::optional<ShellWord> input_file;  // the one behind <, which goes before the other
  int line = 0;                         // where its first word stands, from 1
  // Runs whenever the script does: in no if or function, behind no && or ||, and in a loop only if that is a `for` over
  // words that are known.
  bool sure = true;
  bool piped = false;  // it reads what the command before it prints
  bool apart = false;  // a shell of its own runs it: in a pipe or before '&'; of a block's end also ( ) or a function's
  bool ends_script = false;  // where it fails: `set -e`, and nothing asks how it ended; or `|| exit 1` stands behind it
  bool errexit = false;      // `set -e` is on
};

using ShellVariables = std::map<std::string, ShellWord, std::less<>>;

}  // namespace twctl
