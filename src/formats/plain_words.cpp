#include "formats/plain_words.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace twctl {
namespace {

// Takes the first word off `text`; "" at its end.
ShellWord take_plain_word(std::string_view& text) {
  ShellWord word;
  char quote = '\0';
  std::size_t at = 0;
  for (; at < text.size() && (quote != '\0' || !is_blank(text[at])); ++at) {
    const char c = text[at];
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      at += c == '\\' && at + 1 < text.size() ? 1 : 0;
      word.text += text[at];
    }
  }
  text.remove_prefix(at);
  return word;
}

void skip_separators(std::string_view& text) {
  while (!text.empty() && is_blank(text[0])) text.remove_prefix(1);
}

// systemd puts in what stands behind '$' and '%', in quotes too; "$$" is a '$'.
bool has_expansion(std::string_view word) {
  for (std::size_t at = 0; at + 1 < word.size(); ++at) {
    if (word[at] != '$' && word[at] != '%') continue;
    if (word[at + 1] != word[at]) return true;
    ++at;
  }
  return false;
}

}  // namespace

std::vector<ShellWord> plain_words(std::string_view text) {
  std::vector<ShellWord> words;
  for (skip_separators(text); !text.empty(); skip_separators(text)) words.push_back(take_plain_word(text));
  return words;
}

std::vector<UnitCommand> unit_commands(std::string_view text) {
  std::vector<UnitCommand> commands;
  bool begins = true;
  for (skip_separators(text); !text.empty(); skip_separators(text)) {
    if (std::exchange(begins, false)) {
      const std::size_t marks = std::min(text.find_first_not_of("-@:+!|"), text.size());
      commands.push_back({.marks = text.substr(0, marks), .words = {}});
      text.remove_prefix(marks);
      skip_separators(text);
      if (text.empty()) break;
    }
    begins = text[0] == ';' && (text.size() == 1 || is_blank(text[1]));
    ShellWord word = take_plain_word(text);
    if (begins) continue;
    word.known = !has_expansion(word.text);
    commands.back().words.push_back(std::move(word));
  }
  return commands;
}

}  // namespace twctl
