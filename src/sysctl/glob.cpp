#include "sysctl/glob.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace twctl {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return is_lower(c) || is_upper(c); }
bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }

struct NamedClass {
  std::string_view text;
  bool (*contains)(char);
};
constexpr std::array<NamedClass, 5> kClasses{{{"[:lower:]", is_lower},
                                              {"[:upper:]", is_upper},
                                              {"[:digit:]", is_digit},
                                              {"[:alpha:]", is_alpha},
                                              {"[:alnum:]", is_alnum}}};

// One item of a bracket at the front of `rest` (a class, a range or a character): taken off, and whether it has `c`.
bool item_contains(std::string_view& rest, char c) {
  for (const NamedClass& named : kClasses) {
    if (rest.starts_with(named.text)) {
      rest.remove_prefix(named.text.size());
      return named.contains(c);
    }
  }
  if (rest.size() > 1 && rest[0] == '\\') rest.remove_prefix(1);
  const char first = rest[0];
  rest.remove_prefix(1);
  if (rest.size() < 2 || rest[0] != '-' || rest[1] == ']') return c == first;
  rest.remove_prefix(rest.size() > 2 && rest[1] == '\\' ? 2 : 1);
  const char last = rest[0];
  rest.remove_prefix(1);
  const auto place = [](char one) { return static_cast<unsigned char>(one); };
  return place(first) <= place(c) && place(c) <= place(last);
}

// "[a-f]" at the front of `pattern`: taken off, and whether it has `c`. nullopt: no closing bracket in this component
// (glob(3) parts the pattern at each slash before it looks for brackets).
std::optional<bool> bracket_contains(std::string_view& pattern, char c) {
  std::string_view rest = pattern.substr(1);
  const bool negated = rest.starts_with('!') || rest.starts_with('^');
  if (negated) rest.remove_prefix(1);
  bool found = false;
  for (bool first = true; first || !rest.starts_with(']'); first = false) {
    if (rest.empty()) return std::nullopt;
    if (item_contains(rest, c)) found = true;
  }
  rest.remove_prefix(1);
  if (pattern.substr(0, pattern.size() - rest.size()).find('/') != std::string_view::npos) return std::nullopt;
  pattern = rest;
  return found != negated;
}

// One element of the pattern (no '*') against one character: taken off the pattern if it matches.
bool takes(std::string_view& pattern, char c) {
  if (pattern.empty()) return false;
  const bool wild = c != '/';
  if (pattern[0] == '?') {
    if (wild) pattern.remove_prefix(1);
    return wild;
  }
  if (pattern[0] == '[') {
    std::string_view after = pattern;
    if (const auto found = bracket_contains(after, c)) {
      if (*found && wild) pattern = after;
      return *found && wild;
    }
  }
  const std::size_t escape = pattern[0] == '\\' && pattern.size() > 1 ? 1 : 0;
  if (pattern[escape] != c) return false;
  pattern.remove_prefix(escape + 1);
  return true;
}

struct Braces {
  std::size_t open = std::string_view::npos;
  std::size_t close = std::string_view::npos;
};

Braces find_braces(std::string_view pattern) {
  Braces found{.open = pattern.find('{')};
  if (found.open == std::string_view::npos) return found;
  int depth = 0;
  for (std::size_t at = found.open; at < pattern.size(); ++at) {
    if (pattern[at] == '{') ++depth;
    if (pattern[at] == '}' && --depth == 0) {
      found.close = at;
      break;
    }
  }
  return found;
}

// Whether `matches` takes one of them; as many as `budget` are expanded.
template <class Matches>
bool any_alternative(std::string_view pattern, std::size_t& budget, const Matches& matches) {
  const Braces braces = find_braces(pattern);
  if (braces.close == std::string_view::npos) return matches(pattern);
  int depth = 0;
  std::size_t start = braces.open + 1;
  for (std::size_t at = start; at <= braces.close; ++at) {
    if (pattern[at] == '{') ++depth;
    const bool ends = (pattern[at] == ',' && depth == 0) || at == braces.close;
    if (pattern[at] == '}') --depth;
    if (!ends) continue;
    if (budget == 0) return false;
    --budget;
    std::string expanded(pattern.substr(0, braces.open));
    expanded.append(pattern.substr(start, at - start)).append(pattern.substr(braces.close + 1));
    if (any_alternative(expanded, budget, matches)) return true;
    start = at + 1;
  }
  return false;
}

}  // namespace

// Only the last '*' is ever tried again: an earlier one could match no more than it already does.
bool glob_matches(std::string_view pattern, std::string_view path) {
  if (pattern.size() > kLongestPattern) return false;
  std::optional<std::string_view> after_star;
  std::string_view star_path;
  while (!path.empty() || !pattern.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      star_path = path;
    } else if (!path.empty() && takes(pattern, path.front())) {
      path.remove_prefix(1);
    } else {
      const bool grows = after_star && !star_path.empty() && star_path.front() != '/';
      if (!grows) return false;
      star_path.remove_prefix(1);
      pattern = *after_star;
      path = star_path;
    }
  }
  return true;
}

bool glob_with_braces_matches(std::string_view pattern, std::string_view path) {
  if (pattern.size() > kLongestPattern) return false;
  std::size_t budget = kMostAlternatives;
  return any_alternative(pattern, budget, [&](std::string_view one) { return glob_matches(one, path); });
}

std::size_t brace_alternatives(std::string_view pattern, std::size_t most) {
  std::size_t budget = most + 1;
  (void)any_alternative(pattern, budget, [](std::string_view) { return false; });
  return most + 1 - budget;
}

}  // namespace twctl
