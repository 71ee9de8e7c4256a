#include "base/shell_word.hpp"

#include <fmt/format.h>

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

// What would act on a terminal, or cannot be shown, by number: $'a\\012b', which bash, zsh, ksh and busybox read, and
// POSIX since 2024. Three octal digits, so that no digit behind them counts.
std::string quoted_by_number(std::string_view word) {
  std::string text = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'' || c == '\\') {
      text += fmt::format("\\{}", c);
    } else if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += fmt::format("\\{:03o}", byte);
    }
  }
  return text + "'";
}

}  // namespace

std::string shell_word(std::string_view word) {
  constexpr std::size_t kLongestPath = 4096;
  const std::string_view whole = word.substr(0, kLongestPath);
  if (escape(whole, 12 * kLongestPath) == whole) {
    return escape(needs_quotes(word) ? quoted(word) : std::string(word), kLongestPath);
  }
  return quoted_by_number(whole) + (whole.size() < word.size() ? "\u2026" : "");
}

std::string where_words(std::string_view root, std::string_view netns) {
  while (root.ends_with('/')) root.remove_suffix(1);
  return (root.empty() ? "" : " --root " + shell_word(root)) + (netns.empty() ? "" : " --netns " + shell_word(netns));
}

std::string nsenter_words(const std::string& netns) {
  if (netns.empty()) return "";
  const bool is_name = netns.find('/') == std::string::npos;
  return fmt::format("nsenter --net={} ", shell_word(is_name ? "/run/netns/" + netns : netns));
}

}  // namespace twctl
