// Text of a shell script -> its words, with the values of variables that are known. Reads, never runs.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/shell_blocks.hpp"
#include "formats/shell_command.hpp"
#include "formats/shell_parts.hpp"

namespace twctl {

class ShellWordReader {
 public:
  ShellWordReader(std::string_view text, const std::function<void(ShellCommand)>& use, ShellRoom& room,
                  ShellVariables variables)
      : text_(text), use_(use), room_(room), blocks_(room.repeated, std::move(variables)) {}

 protected:
  [[nodiscard]] char now() const { return text_[at_]; }
  [[nodiscard]] bool is_at(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void pass(std::size_t count);

  ShellWord take_word();
  // What bash makes of the braces in the word that was taken last; itself where there are none. `is_bash`: else another
  // shell may leave them as they are.
  std::vector<ShellWord> expand_braces(ShellWord word, bool is_bash);
  // "<(...)" and ">(...)" of bash: a file, from or to which a shell of its own runs what stands in it.
  ShellWord take_process();
  // "((1 << 4))"; nullopt, and nothing is taken: it is none.
  std::optional<ShellWord> take_number();

  std::string_view text_;
  const std::function<void(ShellCommand)>& use_;
  ShellRoom& room_;
  std::size_t at_ = 0;
  int line_ = 1;
  ShellBlocks blocks_;

 private:
  void add_part(ShellWord& word, const ShellPart& part, bool quoted);
  void expand(ShellWord& word, const ShellPart& part, bool may_split);
  [[nodiscard]] std::optional<std::string> path_printed_by(const ShellPart& part) const;
  [[nodiscard]] const ShellWord* said_variable(std::string_view name) const;
  bool take_room(std::size_t bytes);
  void take_nested(const NestedText& nested);
  void run_inner(const std::string& text);

  std::size_t expanded_in_word_ = 0;  // bytes
  std::string signs_;                 // of the last word: what stands out of quotes, NUL for the rest
};

}  // namespace twctl
