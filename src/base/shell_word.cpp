#include "base/shell_word.hpp"

#include <cstddef>

#include "base/escape.hpp"

namespace twctl {
namespace {

std::string quoted(std::string_view word) {
  std::string text = "'";
  for (const char c : word) c == '\'' ? text += "'\\''" : text += c;
  return text + "'";
}

bool needs_quotes(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-=:,";
  return word.find_first_not_of(kPlain) != std::string_view::npos || word.starts_with('=');
}

}  // namespace

std::string shell_word(std::string_view word) {
  constexpr std::size_t kLongestPath = 4096;
  return escape(needs_quotes(word) ? quoted(word) : std::string(word), kLongestPath);
}

std::string where_words(std::string_view root, std::string_view netns) {
  while (root.ends_with('/')) root.remove_suffix(1);
  return (root.empty() ? "" : " --root " + shell_word(root)) + (netns.empty() ? "" : " --netns " + shell_word(netns));
}

}  // namespace twctl
