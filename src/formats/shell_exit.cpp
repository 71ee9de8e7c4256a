#include "formats/shell_exit.hpp"

namespace twctl {

bool has_exit_option(std::string_view word) {
  return word.starts_with('-') && !word.starts_with("--") && word.find('e') != std::string_view::npos;
}

// The kernel hands on one argument: of "-o pipefail" too the first word tells.
bool interpreter_exits(std::string_view line) {
  const std::size_t options = line.find(" -");
  if (!line.starts_with("#!") || options == std::string_view::npos) return false;
  const std::string_view first = line.substr(options + 1, line.find(' ', options + 1) - options - 1);
  return has_exit_option(first) && first.find('o') == std::string_view::npos;
}

bool exits_after_set(const std::vector<ShellWord>& words, bool exits) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    const std::string_view word = words[at].text;
    if (word == "--") break;
    const bool named = at + 1 < words.size() && words[at + 1].text == "errexit";
    if (word == "-o" || word == "+o") {
      if (named) exits = word == "-o";
    } else if (has_exit_option(word)) {
      exits = true;
    } else if (word.starts_with('+') && word.find('e') != std::string_view::npos) {
      exits = false;
    }
  }
  return exits;
}

}  // namespace twctl
