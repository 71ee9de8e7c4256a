#include "formats/shell_braces.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.hpp"
#include "formats/shell_command.hpp"

namespace twctl {
namespace {

struct Word {
  std::string text;
  std::string signs;
};

struct Braces {
  std::size_t begin = std::string::npos;  // npos: none
  std::size_t end = 0;                    // its '}'
};

// The first ones with a ',' or ".." in them.
Braces find_braces(std::string_view signs) {
  struct Open {
    std::size_t at;
    bool counts;
  };
  std::vector<Open> open;
  Braces first;
  for (std::size_t at = 0; at < signs.size(); ++at) {
    if (signs[at] == '{') open.push_back({at, false});
    if (open.empty()) continue;
    if (signs[at] == ',' || signs.substr(at, 2) == "..") open.back().counts = true;
    if (signs[at] != '}') continue;
    if (open.back().counts && open.back().at < first.begin) first = {open.back().at, at};
    open.pop_back();
  }
  return first;
}

// Where the commas of one pair of braces stand, and its '}'.
std::vector<std::size_t> ends_of_parts(std::string_view signs, Braces braces) {
  std::vector<std::size_t> ends;
  int depth = 0;
  for (std::size_t at = braces.begin + 1; at < braces.end; ++at) {
    depth += signs[at] == '{' ? 1 : 0;
    depth -= signs[at] == '}' ? 1 : 0;
    if (signs[at] == ',' && depth == 0) ends.push_back(at);
  }
  ends.push_back(braces.end);
  return ends;
}

// "7", "-12"; not "07", which asks for as many digits in each word.
std::optional<std::int64_t> number(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative ? 1 : 0);
  if (!is_digits(text) || text.size() > kMostDigits || (text[0] == '0' && (negative || text.size() > 1))) return {};
  std::int64_t value = 0;
  for (const char digit : text) value = value * 10 + (digit - '0');
  return negative ? -value : value;
}

}  // namespace

std::optional<std::vector<std::string>> expand_braces(std::string_view text, std::string_view signs,
                                                      std::size_t& room) {
  std::vector<std::string> words;
  std::vector<Word> open{{std::string(text), std::string(signs)}};  // the next one last
  const auto take_room = [&](std::size_t bytes) {
    const bool fits = bytes <= room;
    room -= fits ? bytes : 0;
    return fits;
  };
  while (!open.empty()) {
    const Word word = std::move(open.back());
    open.pop_back();
    const Braces braces = find_braces(word.signs);
    if (braces.begin == std::string::npos) {
      if (!word.text.empty()) words.push_back(word.text);  // "{a,}" alone is one word
      continue;
    }
    std::vector<Word> parts;
    const std::size_t outside = word.text.size() - (braces.end + 1 - braces.begin);
    const auto add = [&](std::string_view part, std::string_view part_signs) {
      if (!take_room(2 * (outside + part.size()) + sizeof(Word) + sizeof(ShellWord))) return false;
      const auto with = [&](const std::string& whole, std::string_view inner) {
        return whole.substr(0, braces.begin).append(inner).append(whole, braces.end + 1);
      };
      parts.push_back({with(word.text, part), with(word.signs, part_signs)});
      return true;
    };
    const std::vector<std::size_t> ends = ends_of_parts(word.signs, braces);
    std::size_t from = braces.begin + 1;
    if (ends.size() > 1) {
      for (const std::size_t end : ends) {
        const auto part_of = [&](const std::string& whole) { return std::string_view(whole).substr(from, end - from); };
        if (!add(part_of(word.text), part_of(word.signs))) return std::nullopt;
        from = end + 1;
      }
    } else {
      const std::string_view inner = std::string_view(word.signs).substr(from, braces.end - from);
      const std::size_t dots = inner.find("..");
      const auto first = number(inner.substr(0, dots));
      const auto last = number(inner.substr(std::min(dots, inner.size() - 2) + 2));
      if (!first || !last) return std::nullopt;
      for (std::int64_t value = *first;; value += *first < *last ? 1 : -1) {
        const std::string part = std::to_string(value);
        if (!add(part, part)) return std::nullopt;
        if (value == *last) break;
      }
    }
    std::move(parts.rbegin(), parts.rend(), std::back_inserter(open));
  }
  return words;
}

}  // namespace twctl
