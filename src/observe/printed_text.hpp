// A command of a shell -> what it prints: echo(1), printf(1), and what cat(1) and tee(1) hand on. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "formats/shell.hpp"

namespace twctl {

using ShellWords = std::span<const ShellWord>;

// "sysctl" of "/sbin/sysctl".
[[nodiscard]] std::string_view program_of(const ShellWord& word);

// `input`: what it is given to read. An unknown one where it is not known.
[[nodiscard]] ShellWord printed_by(ShellWords words, const ShellWord& input);

// `sed -i`, `perl -i`
[[nodiscard]] bool edits_in_place(ShellWords words);

// The words that may name files which the command edits, moves, replaces or takes away.
[[nodiscard]] ShellWords files_changed_by(ShellWords words);

// The files that a script writes, by path, as far as their text is known.
class WrittenFiles {
 public:
  struct File {
    std::string text = {};
    bool sure = true;  // it is there when what follows runs, and nothing else
  };

  // `sure`: that is sure to run. What perhaps replaces a text stands behind it.
  void write(const std::string& path, std::string_view text, bool appends, bool sure);
  // By a command whose doings are not known.
  void change(const std::string& path);
  [[nodiscard]] const File* find(const std::string& path) const;  // nullptr: the script has not written it

 private:
  std::map<std::string, File> files_;
};

}  // namespace twctl
