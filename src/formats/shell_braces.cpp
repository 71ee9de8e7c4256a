#include "formats/shell_braces.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
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

// "{a,b}": what stands between the commas; of one part alone it is no list.
std::vector<Word> parts_of_list(const Word& word, Braces braces) {
  std::vector<Word> parts;
  int depth = 0;
  std::size_t from = braces.begin + 1;
  for (std::size_t at = from; at <= braces.end; ++at) {
    const char sign = word.signs[at];
    if ((sign == ',' && depth == 0) || at == braces.end) {
      parts.push_back({word.text.substr(from, at - from), word.signs.substr(from, at - from)});
      from = at + 1;
    }
    depth += (sign == '{' ? 1 : 0) - (sign == '}' ? 1 : 0);
  }
  return parts;
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

// "{1..3}", up or down. nullopt: not known, or more than `most`.
std::optional<std::vector<Word>> parts_of_range(std::string_view range, std::size_t most) {
  const std::size_t dots = std::min(range.find(".."), range.size());
  const auto first = number(range.substr(0, dots));
  const auto last = number(range.substr(std::min(dots + 2, range.size())));
  if (!first || !last || static_cast<std::size_t>(std::abs(*last - *first)) >= most) return std::nullopt;
  std::vector<Word> parts;
  for (std::int64_t value = *first;; value += *first < *last ? 1 : -1) {
    const std::string part = std::to_string(value);
    parts.push_back({part, part});
    if (value == *last) return parts;
  }
}

std::string with_part(const std::string& whole, Braces braces, std::string_view part) {
  return whole.substr(0, braces.begin).append(part).append(whole, braces.end + 1);
}

}  // namespace

std::optional<std::vector<std::string>> expand_braces(std::string_view text, std::string_view signs,
                                                      std::size_t& room) {
  std::vector<std::string> words;
  std::vector<Word> open{{std::string(text), std::string(signs)}};  // the next one last
  while (!open.empty()) {
    const Word word = std::move(open.back());
    open.pop_back();
    const Braces braces = find_braces(word.signs);
    if (braces.begin == std::string::npos) {
      if (!word.text.empty()) words.push_back(word.text);  // "{a,}" alone is one word
      continue;
    }
    std::optional<std::vector<Word>> parts = parts_of_list(word, braces);
    if (parts->size() == 1) parts = parts_of_range(parts->front().signs, room / sizeof(ShellWord));
    if (!parts) return std::nullopt;
    for (auto part = parts->rbegin(); part != parts->rend(); ++part) {
      const std::size_t bytes = 2 * (word.text.size() + part->text.size()) + sizeof(Word) + sizeof(ShellWord);
      if (bytes > room) return std::nullopt;
      room -= bytes;
      open.push_back({with_part(word.text, braces, part->text), with_part(word.signs, braces, part->signs)});
    }
  }
  return words;
}

}  // namespace twctl
