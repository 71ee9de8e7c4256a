#include "formats/shell_parts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.hpp"

namespace twctl {
namespace {

bool is_one_of_characters(char c, std::string_view all) { return all.find(c) != std::string_view::npos; }

// Behind the first `end` in the text that no backslash stands before; its size where there is none.
std::size_t pass_escaped(std::string_view text, std::size_t at, char end) {
  while (at < text.size() && text[at] != end) at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::size_t pass_quoted(std::string_view text, std::size_t at) {
  return std::min(text.find('\'', at), text.size() - 1) + 1;
}

// What a shell gets to run of `...`.
std::string without_escapes(std::string_view backquoted) {
  std::string text;
  for (std::size_t at = 0; at < backquoted.size(); ++at) {
    const bool escapes = backquoted[at] == '\\' && at + 1 < backquoted.size();
    if (escapes && is_one_of_characters(backquoted[at + 1], "\\`$")) ++at;
    text += backquoted[at];
  }
  return text;
}

std::string in_backquotes(std::string_view text) {
  text.remove_prefix(1);
  text.remove_suffix(text.ends_with('`') ? 1 : 0);
  return without_escapes(text);
}

// Passes over nested text in one go, with what it stands in on a stack of its own.
class NestedReader {
 public:
  NestedReader(std::string_view text, bool quoted) : text_(text), quoted_(quoted) {}

  NestedText read() {
    NestedText nested;
    if (is_at("((")) {
      open_number(2);
    } else if (!pass_expansion()) {
      open(In::substitution, 2);  // of a process
    }
    while (!open_.empty() && at_ < text_.size()) {
      nested.is_number = open_.front().in == In::number_end;
      if (!is_in_commands() || !pass_in_commands()) pass_in_word();
    }
    at_ = std::min(at_, text_.size());
    if (!open_.empty()) commands_.emplace_back(text_.substr(shells_ > 0 ? begin_ : 2));  // nothing closes it
    nested.size = at_;
    nested.commands = std::move(commands_);
    return nested;
  }

 private:
  enum class In : char {
    quotes,        // "..."
    braces,        // ${...}
    plain_braces,  // that in double quotes, where a ' is a letter
    number,        // parentheses of a number
    number_end,    // the outer ones of "$((...))", and of the "((...))" that all begins with
    command_end,   // the outer ones of another "((...))"
    test,          // [[ ... ]], where no sign ends a command
    substitution,  // $(...)
    subshell,      // (...)
    pattern,       // of a case, or before its first
    branch,        // of a case
  };
  struct Open {
    In in;
    std::uint32_t begin;  // of what stands in it
  };

  [[nodiscard]] bool is_at(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  [[nodiscard]] bool is_in(In in) const { return !open_.empty() && open_.back().in == in; }
  [[nodiscard]] bool is_in_number_end() const { return is_in(In::number_end) || is_in(In::command_end); }
  [[nodiscard]] bool is_in_commands() const { return open_.back().in >= In::substitution; }

  void open(In in, std::size_t size) {
    at_ += size;
    open_.push_back({in, static_cast<std::uint32_t>(at_)});
    if (in == In::substitution) begin_shell();
    begins_command_ = is_in_commands();
    in_word_ = false;
  }

  void begin_shell() {
    if (++shells_ == 1) begin_ = open_.back().begin;
  }

  void open_number(std::size_t size, In end = In::number_end) {
    open(end, size - 1);
    open(In::number, 1);
  }

  void close() {
    const In in = open_.back().in;
    open_.pop_back();
    if (in == In::substitution && --shells_ == 0) commands_.emplace_back(text_.substr(begin_, at_ - begin_));
    ++at_;
    in_word_ = in != In::subshell;
    begins_command_ = false;
  }

  void pass_in_word() {
    if (is_in_number_end() && text_[at_] != ')') return begin_subshell();
    if (is_in(In::test) && pass_in_test()) return;
    if (pass_quotes() || pass_expansion()) return;
    const char c = text_[at_];
    const bool in_number = is_in(In::number) || is_in_number_end();
    if (in_number && c == '(') return open(In::number, 1);
    if ((in_number && c == ')') || (c == '}' && (is_in(In::braces) || is_in(In::plain_braces)))) return close();
    pass(c == '\\' ? 2 : 1);
  }

  // "$((a); b)" is no number.
  void begin_subshell() {
    const bool is_command = is_in(In::command_end);
    open_.back().in = is_command ? In::subshell : In::substitution;
    if (!is_command) begin_shell();
  }

  // Blanks, and its end.
  bool pass_in_test() {
    const bool ends = !in_word_ && is_at("]]") && (at_ + 2 >= text_.size() || ends_shell_word(text_[at_ + 2]));
    const bool is_blank = is_shell_blank(text_[at_]) || text_[at_] == '\n';
    if (ends) {
      open_.pop_back();
      pass(2);
    } else if (is_blank) {
      ++at_;
      in_word_ = false;
    }
    return ends || is_blank;
  }

  bool pass_quotes() {
    const char c = text_[at_];
    const bool in_quotes = is_in(In::quotes) || is_in(In::plain_braces);
    if (c == '"' && is_in(In::quotes)) {
      close();
    } else if (c == '"') {
      open(In::quotes, 1);
    } else if (c == '\'' && !in_quotes) {
      pass(pass_quoted(text_, at_ + 1) - at_);
    } else if (is_at("$'") && !in_quotes) {
      pass(pass_escaped(text_, at_ + 2, '\'') - at_);
    } else {
      return false;
    }
    return true;
  }

  bool pass_expansion() {
    if (text_[at_] == '`') {
      const std::size_t end = pass_escaped(text_, at_ + 1, '`');
      if (shells_ == 0) commands_.push_back(in_backquotes(text_.substr(at_, end - at_)));
      pass(end - at_);
    } else if (is_at("$$")) {
      pass(2);
    } else if (is_at("$((")) {
      open_number(3);
    } else if (is_at("$(")) {
      open(In::substitution, 2);
    } else if (is_at("${")) {
      const bool quoted = open_.empty() ? quoted_ : is_in(In::quotes);
      open(quoted && !is_pattern() ? In::plain_braces : In::braces, 2);
    } else {
      return false;
    }
    return true;
  }

  // "${NAME%PATTERN}", where quotes are quotes everywhere.
  [[nodiscard]] bool is_pattern() const {
    std::size_t sign = at_ + 3;
    while (sign < text_.size() && is_variable_character(text_[sign])) ++sign;
    return sign < text_.size() && is_one_of_characters(text_[sign], "%#/");
  }

  // What is between words there, and the words that case begins and ends with.
  bool pass_in_commands() {
    const char c = text_[at_];
    if (c == '#' && !in_word_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (is_at("<<") && !is_at("<<<")) {
      pass_here_operator();
    } else if (is_shell_blank(c) || c == '<' || c == '>') {
      at_ += is_at("<<<") ? 3 : 1;
      in_word_ = false;
    } else if (ends_shell_word(c)) {
      pass_separator();
    } else if (begins_command_ && !in_word_ && is_at("[[") && at_ + 2 < text_.size() &&
               is_shell_blank(text_[at_ + 2])) {
      open(In::test, 2);
    } else {
      return begins_command_ && !in_word_ && pass_case_word();
    }
    return true;
  }

  void pass_separator() {
    const char c = text_[at_];
    const bool in_pattern = is_in(In::pattern);
    if (is_at("((") && !in_pattern && !in_word_) return open_number(2, In::command_end);
    if (c == '(' && !in_pattern) return open(In::subshell, 1);
    if (c == ')' && !in_pattern) return close_commands();
    if (c == ')') open_.back().in = In::branch;
    if ((is_at(";;") || is_at(";&")) && is_in(In::branch)) open_.back().in = In::pattern;
    ++at_;
    if (c == '\n') pass_here_documents();
    in_word_ = false;
    begins_command_ = true;
  }

  // Also those of a case without `esac`.
  void close_commands() {
    while (is_in(In::branch)) open_.pop_back();
    close();
  }

  bool pass_case_word() {
    std::size_t end = at_;
    while (end < text_.size() && is_one_of_characters(text_[end], "abcdefghijklmnopqrstuvwxyz{}!")) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (word.empty() || (end < text_.size() && !ends_shell_word(text_[end]))) return false;
    at_ = end;
    in_word_ = true;
    const bool in_case = is_in(In::pattern) || is_in(In::branch);
    if (word == "case" && !is_in(In::pattern)) open_.push_back({In::pattern, 0});
    if (word == "esac" && in_case) open_.pop_back();
    begins_command_ = may_precede_command(word);
    return true;
  }

  void pass_here_operator() {
    at_ += 2;
    const bool strips = is_at("-");
    at_ += strips ? 1 : 0;
    while (at_ < text_.size() && is_shell_blank(text_[at_])) ++at_;
    std::string end;
    bool quoted = false;
    for (; at_ < text_.size() && (quoted || !ends_shell_word(text_[at_])); ++at_) {
      const bool is_quote = is_one_of_characters(text_[at_], "'\"");
      quoted = quoted != is_quote;
      if (!is_quote && text_[at_] != '\\') end += text_[at_];
    }
    here_.emplace_back(std::move(end), strips);
  }

  void pass_here_documents() {
    for (const auto& [end, strips] : std::exchange(here_, {})) {
      at_ += pass_here_document(text_.substr(at_), end, strips);
    }
  }

  void pass(std::size_t size) {
    at_ += size;
    in_word_ = true;
    begins_command_ = false;
  }

  std::string_view text_;
  bool quoted_;  // all of it
  std::size_t at_ = 0;
  std::vector<Open> open_;
  std::vector<std::string> commands_;
  std::size_t shells_ = 0;                          // of open_
  std::size_t begin_ = 0;                           // of the outermost one's text
  std::vector<std::pair<std::string, bool>> here_;  // documents that the next line begins: their ends, and <<-
  bool begins_command_ = false;
  bool in_word_ = false;
};

ShellPart literal(std::string_view text, std::size_t size) {
  return {.kind = ShellPart::Kind::literal, .size = size, .text = text};
}

ShellPart expansion(std::string_view text, std::size_t size, std::string_view name,
                    std::vector<std::string> commands = {}) {
  return {.kind = ShellPart::Kind::expansion,
          .size = size,
          .text = text.substr(0, size),
          .name = name,
          .commands = std::move(commands)};
}

// With a '$' at its front.
ShellPart part_of_dollar(std::string_view text, bool quoted) {
  const char next = text.size() > 1 ? text[1] : ' ';
  if (next == '"' && !quoted) return literal({}, 1);
  if (next == '\'' && !quoted) {
    const std::size_t size = pass_escaped(text, 2, '\'');
    const std::string_view said = text.substr(2, std::max<std::size_t>(size, 3) - 3);
    return said.find('\\') == std::string_view::npos ? literal(said, size) : expansion(text, size, "'");
  }
  if (next == '(' || next == '{') {
    NestedText nested = nested_text(text, quoted);
    const std::string_view name = text.substr(2, std::max<std::size_t>(nested.size, 3) - 3);
    return expansion(text, nested.size, next == '{' ? name : "(", std::move(nested.commands));
  }
  std::size_t end = 1;
  while (end < text.size() && is_variable_character(text[end])) ++end;
  if (end == 1 && is_one_of_characters(next, "#?$!@*-")) end = 2;
  return expansion(text, end, end == 1 ? "$" : text.substr(1, end - 1));
}

}  // namespace

bool is_shell_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_shell_word(char c) { return is_shell_blank(c) || is_one_of_characters(c, "\n;&|()<>"); }
bool is_variable_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool may_precede_command(std::string_view word) {
  constexpr std::array<std::string_view, 14> kPassed{"then",  "else",  "elif", "do", "!",  "time", "if",
                                                     "while", "until", "{",    "}",  "fi", "done", "esac"};
  return is_one_of(word, kPassed);
}

NestedText nested_text(std::string_view text, bool quoted) { return NestedReader(text, quoted).read(); }

ShellPart shell_part(std::string_view text, bool quoted) {
  constexpr std::string_view kEnds = "\\'\"$`*?[\n;&|()<> \t\r";
  constexpr std::string_view kEndsQuoted = "\\\"$`";
  const char c = text[0];
  if (c == '"') return {.kind = ShellPart::Kind::quote};
  if (c == '$') return part_of_dollar(text, quoted);
  if (c == '`') {
    const std::size_t size = pass_escaped(text, 1, '`');
    return expansion(text, size, "`", {in_backquotes(text.substr(0, size))});
  }
  if (c == '\'' && !quoted) {
    const std::size_t size = pass_quoted(text, 1);
    return literal(text.substr(1, std::max<std::size_t>(size, 2) - 2), size);
  }
  if (c == '\\' && text.size() > 1) {
    if (text[1] == '\n') return literal({}, 2);
    const bool escapes = !quoted || is_one_of_characters(text[1], "$`\"\\");
    return escapes ? literal(text.substr(1, 1), 2) : literal(text.substr(0, 1), 1);
  }
  const std::size_t size = std::min(text.find_first_of(quoted ? kEndsQuoted : kEnds, 1), text.size());
  const bool stands_alone = !quoted && is_one_of_characters(c, "*?[");
  return {.kind = quoted ? ShellPart::Kind::literal : ShellPart::Kind::plain,
          .size = stands_alone ? 1 : size,
          .text = text.substr(0, stands_alone ? 1 : size)};
}

std::size_t pass_here_document(std::string_view text, std::string_view end, bool strips, std::string* lines) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::string_view line = text.substr(at, text.find('\n', at) - at);
    at = std::min(at + line.size() + 1, text.size());
    if (strips) line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
    if (line == end) break;
    if (lines != nullptr) lines->append(line).append("\n");
  }
  return at;
}

}  // namespace twctl
