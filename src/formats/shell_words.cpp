#include "formats/shell_words.hpp"

#include <algorithm>

#include "formats/shell_braces.hpp"
#include "formats/shell_paths.hpp"

namespace twctl {

void ShellWordReader::pass(std::size_t count) {
  for (; count > 0 && at_ < text_.size(); --count) line_ += text_[at_++] == '\n' ? 1 : 0;
}

ShellWord ShellWordReader::take_word() {
  ShellWord word;
  expanded_in_word_ = 0;
  signs_.clear();
  const std::size_t from = at_;
  bool quoted = false;
  while (at_ < text_.size() && (quoted || !ends_shell_word(now()))) {
    const ShellPart part = shell_part(text_.substr(at_), quoted);
    pass(part.size);
    if (part.kind == ShellPart::Kind::quote) quoted = !quoted;
    add_part(word, part, quoted);
    if (part.kind == ShellPart::Kind::plain) signs_ += part.text;
    signs_.resize(word.text.size());
  }
  if (quoted) run_inner(std::string(text_.substr(from)));  // nothing closes it
  return word;
}

std::vector<ShellWord> ShellWordReader::expand_braces(ShellWord word, bool is_bash) {
  std::vector<ShellWord> words;
  if (signs_.find('{') == std::string::npos || signs_.find('}') == std::string::npos) {
    words.push_back(std::move(word));
    return words;
  }
  auto texts = twctl::expand_braces(word.text, signs_, room_.expanded);
  if (!texts || word.splits) {
    word.known = false;
    word.text.insert(signs_.find('{'), 1, '$');  // as before all that only the running shell knows
    words.push_back(std::move(word));
    return words;
  }
  const bool expanded = texts->size() != 1 || texts->front() != word.text;
  for (std::string& text : *texts) {
    words.push_back({.text = std::move(text),
                     .known = word.known && (is_bash || !expanded),
                     .stale = word.stale || (expanded && !is_bash)});
  }
  return words;
}

void ShellWordReader::add_part(ShellWord& word, const ShellPart& part, bool quoted) {
  if (part.kind == ShellPart::Kind::expansion) return expand(word, part, !quoted);
  const bool is_pattern = part.kind == ShellPart::Kind::plain && part.text.find_first_of("*?[") == 0;
  word.known = word.known && !is_pattern;
  word.text += part.text;
}

// $NAME and ${NAME} of the script's own; what else a '$' or a backquote begins is not known.
void ShellWordReader::expand(ShellWord& word, const ShellPart& part, bool may_split) {
  for (const std::string& inner : part.commands) run_inner(inner);
  if (const auto path = path_printed_by(part); path && take_room(path->size())) {
    word.known = false;
    word.stale = true;
    word.text += *path;
    return;
  }
  const ShellWord* variable = said_variable(part.name);
  const bool said = variable != nullptr && take_room(variable->text.size());
  word.known = word.known && said && variable->known;
  word.stale = word.stale || (said && variable->stale);
  word.splits = word.splits || (may_split && said && variable->text.find_first_of(" \t\n") != std::string::npos);
  word.text += said ? variable->text : part.text;
}

std::optional<std::string> ShellWordReader::path_printed_by(const ShellPart& part) const {
  if (part.commands.size() != 1 || !(part.text.starts_with("$(") || part.text.starts_with('`'))) return std::nullopt;
  return printed_path(part.commands[0], [&](std::string_view name) {
    const ShellWord* variable = said_variable(name);
    return variable == nullptr ? std::nullopt : std::optional(variable->text);
  });
}

const ShellWord* ShellWordReader::said_variable(std::string_view name) const {
  const ShellWord* variable = blocks_.find(name);
  return variable != nullptr && (variable->known || variable->stale) ? variable : nullptr;
}

bool ShellWordReader::take_room(std::size_t bytes) {
  if (expanded_in_word_ + bytes > kMostExpandedInWord || bytes > room_.expanded) return false;
  expanded_in_word_ += bytes;
  room_.expanded -= bytes;
  return true;
}

ShellWord ShellWordReader::take_process() {
  take_nested(nested_text(text_.substr(at_)));
  return {.text = std::string(kPrintedFile), .known = false};
}

void ShellWordReader::take_nested(const NestedText& nested) {
  pass(nested.size);
  for (const std::string& inner : nested.commands) run_inner(inner);
}

// "OUT=$(sysctl -w ...)": a shell of its own runs it.
void ShellWordReader::run_inner(const std::string& text) {
  if (text.find("sysctl") == std::string::npos && text.find("proc/sys/") == std::string::npos) return;
  ShellCommand command;
  command.words = {{.text = "sh"}, {.text = "-c"}, {.text = text}};
  command.kind = ShellCommand::Kind::substitution;
  command.line = line_;
  command.sure = false;
  use_(std::move(command));
}

// What begins so and is none is read again, as long as there is room for that.
std::optional<ShellWord> ShellWordReader::take_number() {
  if (room_.repeated == 0) return std::nullopt;
  const NestedText nested = nested_text(text_.substr(at_));
  if (!nested.is_number) {
    room_.repeated -= std::min(room_.repeated, nested.size);
    return std::nullopt;
  }
  const std::size_t from = at_;
  take_nested(nested);
  return ShellWord{.text = std::string(text_.substr(from, nested.size)), .known = false};
}

}  // namespace twctl
