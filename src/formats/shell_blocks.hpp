// What the commands of a shell script stand in (if, loop, case, function, subshell), and which variables are known
// there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/shell_command.hpp"
#include "formats/shell_condition.hpp"

namespace twctl {

// Bytes of loops that are read again, for the second word of their `for` on.
inline constexpr std::size_t kMostRepeated = std::size_t{1024} * 1024;

// Blocks in one another. Where they are more, none is told from another any more: all that follows is not sure.
inline constexpr std::size_t kMostOpenBlocks = 1000;

class ShellBlocks {
 public:
  struct Position {
    std::size_t at = 0;  // in the text
    int line = 0;
    std::size_t here_end = 0;  // of the here-documents that its line names before it
  };

  // `word`: "if", "for", "{", "(" ..., and "()" for the body of a function. `reach`: how one comes to it.
  void open(std::string_view word, const ShellReach& reach);
  // How many commands had been handed out when the one that closes was opened.
  std::size_t close();
  void count_command() { ++commands_; }
  [[nodiscard]] std::size_t commands() const { return commands_; }
  // Of an if or a case. `reach`: how one comes to it from the block.
  void begin_branch(const ShellReach& reach = {.certain = false});
  // `then` and `do`, once it is known how what is asked there ends; `else` and `elif`, where it was otherwise.
  void take_condition(const ShellOutcome& outcome);
  void begin_other_branch(bool asks_again);
  [[nodiscard]] bool in_case() const { return !open_.empty() && open_.back().word == Word::case_; }
  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  [[nodiscard]] bool any() const { return !open_.empty(); }
  [[nodiscard]] ShellReach reach() const {
    return {.certain = uncertain_ == 0 && !too_deep_,
            .dead = dead_ > 0 && !too_deep_,
            .only_if = guards_.empty() ? std::string() : guards_.back()};
  }
  [[nodiscard]] bool asks() const { return asks_ > 0; }    // how a command ends: between `if` and `then`
  [[nodiscard]] bool apart() const { return apart_ > 0; }  // in a subshell: an exit may end only that
  void leave_apart();  // an exit that is sure to run: nothing is sure in that subshell any more
  [[nodiscard]] bool is_endless() const { return !open_.empty() && open_.back().endless; }  // `while true`

  void begin_loop(const std::vector<ShellWord>& words);  // "for NAME in WORD..."
  void begin_body(Position position);
  // At the loop's end: where its body begins, if that comes once more, for the next word. `end`: of what is then read
  // again, the here-documents behind it among that.
  [[nodiscard]] std::optional<Position> again(std::size_t end);
  void leave_loops(std::size_t count);  // break, continue: the inner ones

  // What is set in a block is known up to its end, or up to that of its branch, if that is not sure to run.
  void assign(const std::string& name, ShellWord value);
  [[nodiscard]] const ShellWord* find(std::string_view name) const;  // nullptr: the script has not set it
  void forget_all();  // what is known of variables: another file may have set them
  [[nodiscard]] ShellVariables take() { return std::move(variables_); }

 private:
  enum class Word { group, if_, while_, until, for_, case_, subshell };
  struct Block {
    Word word = Word::group;
    ShellReach outer = {};        // how one comes to the whole of it
    ShellReach reach = {};        // and to the present branch
    ShellOutcome condition = {};  // of an if
    bool asked = false;           // that is known
    bool asks = false;            // what stands in it now tells which branch is taken
    bool endless = false;
    std::size_t commands = 0;                // handed out before it
    std::vector<std::string> assigned = {};  // variables, in this branch of it
    // Of a `for`:
    std::string variable = {};
    std::vector<ShellWord> values = {};
    std::size_t next = 0;  // of the values
    Position body = {};
  };

  static Word word_of(std::string_view word);
  static bool is_loop(const Block& block) {
    return block.word == Word::for_ || block.word == Word::while_ || block.word == Word::until;
  }
  void enter(Block& block, const ShellReach& inner);
  void leave(const Block& block);
  void make_uncertain(Block& block) { uncertain_ += std::exchange(block.reach.certain, false) ? 1 : 0; }
  void set_asks(Block& block, bool asks);
  void settle(Block& block);
  void set(const std::string& name, ShellWord value) { variables_.insert_or_assign(name, std::move(value)); }
  void forget(std::vector<std::string> names);

  ShellVariables variables_;
  std::vector<Block> open_;
  std::vector<std::size_t> loops_;  // of them
  std::size_t uncertain_ = 0;       // how many of them
  std::size_t dead_ = 0;
  std::vector<std::string> guards_;  // the files that are asked for, all the same one
  std::size_t apart_ = 0;
  std::size_t asks_ = 0;
  std::size_t commands_ = 0;
  std::size_t repeated_ = 0;  // bytes
  bool too_deep_ = false;
};

}  // namespace twctl
