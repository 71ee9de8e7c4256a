#include "base/text.hpp"

#include <algorithm>
#include <numeric>

namespace twctl {
namespace {

// Edit distance that counts a swap of neighbours as one slip (optimal string alignment).
// How many slips lie between the two; more than `most`: some number above it.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  std::size_t least_of_last = 0;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min(std::min(last[j], row[j - 1]) + 1, replace);
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (std::min(least, least_of_last) > most) return most + 1;
    least_of_last = least;
    before_last = last;
    std::swap(last, row);
  }
  return last.back();
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> lines_with_ends(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    fields.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  fields.push_back(text);
  return fields;
}

std::string_view take_word(std::string_view& text) {
  std::size_t first = 0;
  while (first < text.size() && is_blank(text[first])) ++first;
  std::size_t last = first;
  while (last < text.size() && !is_blank(text[last])) ++last;
  const std::string_view word = text.substr(first, last - first);
  text.remove_prefix(last);
  return word;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> fields;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) fields.push_back(word);
  return fields;
}

std::string single_spaced(std::string_view text) {
  if (std::none_of(text.begin(), text.end(), is_blank)) return std::string(text);
  std::string result;
  for (const std::string_view word : words(text)) {
    if (!result.empty()) result += ' ';
    result += word;
  }
  return result;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty() || &part != parts.data()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string listed(std::span<const std::string> all, std::size_t most, std::size_t further) {
  const std::size_t named = std::min(all.size(), most);
  const std::size_t more = all.size() - named + further;
  return join(all.first(named), ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string replaced(std::string_view text, char from, char to) {
  std::string result(text);
  std::replace(result.begin(), result.end(), from, to);
  return result;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kKibi = 1024;
  if (bytes != 0 && bytes % (kKibi * kKibi) == 0) return std::to_string(bytes / (kKibi * kKibi)) + " MiB";
  if (bytes != 0 && bytes % kKibi == 0) return std::to_string(bytes / kKibi) + " KiB";
  return std::to_string(bytes) + " bytes";
}

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0') || text == "-0") return std::nullopt;
  return parse_whole<std::int64_t>(text);
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates, std::size_t most) {
  constexpr std::size_t kLongestWord = 128;  // nobody slips in a longer one, and the distance is quadratic
  if (word.size() > kLongestWord) return {};
  const std::size_t tolerance = std::min(most, std::max<std::size_t>(1, word.size() / 5));
  std::string_view best;
  std::size_t best_distance = tolerance + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= best_distance) continue;  // each letter more is a slip
    const std::size_t distance = edit_distance(word, candidate, best_distance);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace twctl
