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

[[nodiscard]] inline ShellWord unknown_text() { return {.text = {}, .known = false}; }

// `input`: what it is given to read. An unknown one where it is not known.
[[nodiscard]] ShellWord printed_by(ShellWords words, const ShellWord& input);

// What the commands of blocks print together. Of a text that may not be printed `stale` is set.
class BlockOutput {
 public:
  // `room`: bytes that may be handed on from block to block.
  explicit BlockOutput(std::size_t& room) : room_(room) {}

  void begin(const ShellCommand& begin);
  // What has been printed before a command, where that reads it.
  [[nodiscard]] ShellWord before(bool piped);
  void print(ShellWord text, bool sure);
  [[nodiscard]] ShellWord end();

 private:
  struct Block {
    ShellWord printed = {};
    bool sure = true;  // it runs
  };
  void collect();

  std::vector<Block> open_;
  ShellWord last_;  // not yet collected
  bool last_sure_ = true;
  std::size_t& room_;
};

// `sed -i`, `perl -i`
[[nodiscard]] bool edits_in_place(ShellWords words);

// The words that may name files which the command edits, moves, replaces or takes away.
[[nodiscard]] ShellWords files_changed_by(ShellWords words);

// The files that a script writes, by path, as far as their text is known.
class WrittenFiles {
 public:
  enum class Before { there, perhaps, gone };  // what stood in it before the script
  struct File {
    std::string text = {};
    bool sure = true;   // it is there when what follows runs, and nothing else
    bool whole = true;  // no more than that has been written
    Before before = Before::there;
  };

  // `sure`: that is sure to run. What perhaps replaces a text stands behind it. `whole`: all of the text is known.
  void write(const std::string& path, std::string_view text, bool whole, bool appends, bool sure);
  // By a command whose doings are not known; `replaces`: another file's text is perhaps in it then.
  void change(const std::string& path, bool replaces);
  [[nodiscard]] const File* find(const std::string& path) const;  // nullptr: the script has not written it

 private:
  File* file_of(const std::string& path);  // nullptr: it has written too many

  std::map<std::string, File> files_;
};

}  // namespace twctl
