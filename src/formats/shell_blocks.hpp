// What the commands of a shell script stand in (if, loop, case, function, subshell), and which variables are known
// there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/shell_command.hpp"

namespace twctl {

// Blocks in one another. Where they are more, none is told from another any more: all that follows is not sure.
inline constexpr std::size_t kMostOpenBlocks = 1000;

class ShellBlocks {
 public:
  // `room`: bytes of loops that may yet be read again.
  ShellBlocks(std::size_t& room, ShellVariables variables) : variables_(std::move(variables)), room_(room) {}

  struct Position {
    std::size_t at = 0;  // in the text
    int line = 0;
    std::size_t here_end = 0;  // of the here-documents that its line names before it
  };

  // `word`: "if", "for", "{", "(" ..., and "()" for the body of a function. `depends`: it stands behind && or ||.
  // Whether it is told from others.
  bool open(std::string_view word, bool depends);
  struct Closed {
    bool apart = false;
    bool depends = false;
  };
  std::optional<Closed> close();  // nullopt: there is none
  void begin_branch();            // of an if or a case
  [[nodiscard]] bool in_case() const { return !open_.empty() && open_.back().is_case; }
  [[nodiscard]] bool any() const { return !open_.empty(); }
  [[nodiscard]] bool sure() const { return uncertain_ == 0 && !doubted_ && !too_deep_; }
  [[nodiscard]] bool apart() const { return apart_ > 0; }  // in a function or a subshell: an exit may end only that

  // "for NAME in WORD...". The words, which may be many, are taken from there.
  void begin_loop(std::vector<ShellWord>& words);
  void begin_body(Position position);
  // At the loop's end: where its body begins, if that comes once more, for the next word. `end`: of what is then read
  // again, the here-documents behind it among that.
  [[nodiscard]] std::optional<Position> again(std::size_t end);
  void leave_loops(std::size_t count);  // break, continue: the inner ones
  void doubt();                         // what follows in { } or ( ) may not run

  // What is set in a block is known up to its end.
  void assign(const std::string& name, ShellWord value);
  // By a command that gives variables values which are not known (`read`, `unset`), perhaps all of them (`.`).
  void forget_by(const std::vector<ShellWord>& command);
  [[nodiscard]] const ShellWord* find(std::string_view name) const;  // nullptr: the script has not set it
  [[nodiscard]] ShellVariables take() { return std::move(variables_); }

 private:
  struct Block {
    bool is_case = false;
    bool is_loop = false;
    bool is_apart = false;
    bool is_group = false;  // { } or ( )
    bool depends = false;
    bool certain = false;                    // what stands in it runs as surely as itself
    std::vector<std::string> assigned = {};  // variables, in this branch of it
    // Of a `for`:
    std::string variable = {};
    std::vector<ShellWord> values = {};
    std::size_t next = 0;  // of the values
    Position body = {};
  };

  void set(const std::string& name, ShellWord value) { variables_.insert_or_assign(name, std::move(value)); }
  void forget(std::vector<std::string> names);

  ShellVariables variables_;
  std::vector<std::string> assigned_;  // names, since another file was last taken in
  std::vector<Block> open_;
  std::vector<std::size_t> loops_;  // of them
  std::size_t uncertain_ = 0;       // how many of them
  std::size_t apart_ = 0;
  std::size_t groups_ = 0;
  bool doubted_ = false;
  std::size_t& room_;
  bool too_deep_ = false;
};

}  // namespace twctl
