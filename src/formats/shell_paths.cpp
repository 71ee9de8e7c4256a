#include "formats/shell_paths.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLongest = 255;  // of such a command, bytes

// Without quotes, braces and options.
std::string bare(std::string_view command) {
  std::string text;
  for (const std::string_view word : words(command)) {
    const bool is_left_out = word.starts_with('-') || word.starts_with(">/dev/null") || word.starts_with("2>");
    if (!is_left_out) text.append(text.empty() ? "" : " ").append(word);
    if (is_left_out && word.ends_with(';')) text += ';';
  }
  std::erase_if(text, [](char c) { return std::string_view("\"'{}").find(c) != std::string_view::npos; });
  return text;
}

std::optional<std::string> printed_by_one(std::string_view command, const FindVariable& find) {
  for (const std::string_view pwd : {" && pwd", "; pwd", " ; pwd"}) {
    if (!command.starts_with("cd ") || !command.ends_with(pwd)) continue;
    command.remove_suffix(pwd.size());
    break;
  }
  const std::string_view name = take_word(command);
  const std::string_view operand = trim(command);
  if (operand.find_first_of(" ;&|") != std::string_view::npos) return std::nullopt;
  const auto path = operand.starts_with('$') ? find(operand.substr(1)) : std::optional(std::string(operand));
  if (!path || !path->starts_with('/')) return std::nullopt;
  if (name == "cd" || name == "realpath" || name == "readlink") return path;
  return name == "dirname" ? std::optional(std::string(directory_of(*path))) : std::nullopt;
}

}  // namespace

ShellVariables variables_of_script(std::string_view path) {
  ShellVariables variables;
  for (const std::string name : {"0", "BASH_SOURCE", "BASH_SOURCE[0]"}) {
    variables[name] = {.text = std::string(path), .known = false, .stale = true};
    variables[name + "%/*"] = {.text = std::string(directory_of(path)), .known = false, .stale = true};
  }
  return variables;
}

std::optional<std::string> printed_path(std::string_view command, const FindVariable& find) {
  if (command.size() > kLongest) return std::nullopt;
  std::string text = bare(command);
  for (std::size_t at = text.rfind("$("); at != std::string::npos; at = text.rfind("$(")) {
    const std::size_t end = std::min(text.find(')', at), text.size() - 1);
    const auto inner = printed_by_one(std::string_view(text).substr(at + 2, end - at - 2), find);
    if (!inner || inner->find('$') != std::string::npos) return std::nullopt;
    text.replace(at, end + 1 - at, *inner);
  }
  return printed_by_one(text, find);
}

}  // namespace twctl
