// Text of a shell script -> the parts of its words. Here alone is known where quotes, ${...}, $(...), backquotes and
// here-documents end. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

[[nodiscard]] bool is_shell_blank(char c);
[[nodiscard]] bool ends_shell_word(char c);
[[nodiscard]] bool is_variable_character(char c);

// A word that a command may stand right behind: "then", "!".
[[nodiscard]] bool may_precede_command(std::string_view word);

// What begins with "$(", "${", "((", "<(" or ">(" at the front of a text, with all that stands in it, however deep.
// `quoted`: in double quotes.
struct NestedText {
  std::size_t size = 0;
  std::vector<std::string> commands = {};  // what shells of their own run in it
  bool is_number = false;                  // "((1 + 2))", no shell in a shell
};
[[nodiscard]] NestedText nested_text(std::string_view text, bool quoted = false);

struct ShellPart {
  enum class Kind {
    plain,      // `text`; one of *?[ is a pattern
    literal,    // `text`, out of quotes or from behind a backslash
    quote,      // a '"': what follows is in double quotes, or no longer
    expansion,  // what the shell puts there for a variable, the output of commands or a number
  };
  Kind kind = Kind::plain;
  std::size_t size = 1;  // in the script
  std::string_view text = {};
  std::string_view name = {};              // of an expansion: what stands in ${ }, or behind '$'
  std::vector<std::string> commands = {};  // of an expansion: what shells of their own run in it
};

// The part at the front of a text, which is not empty. `quoted`: in double quotes.
[[nodiscard]] ShellPart shell_part(std::string_view text, bool quoted);

// The lines of a here-document at the front of a text: how many bytes they are, with the one that ends them. `strips`:
// without the tabs in front (<<-). `lines`: they are put there.
std::size_t pass_here_document(std::string_view text, std::string_view end, bool strips, std::string* lines = nullptr);

}  // namespace twctl
