#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kMostCells = 1'000'000;  // of the table that two texts are compared in: 1000 lines that differ

using LineViews = std::vector<std::string_view>;  // with their ends
using Said = std::vector<std::string>;            // what each of them says, however it is spaced
using Matches = std::vector<std::size_t>;  // of each line of the first text the same one in the other; kNone: none

std::string_view name_in(std::string_view line) {
  const std::size_t equals = line.find('=');
  return equals == std::string_view::npos || is_comment(trim(line)) ? "" : trim(line.substr(0, equals));
}

Said said_by(const LineViews& lines) {
  Said said;
  for (const std::string_view line : lines) {
    const std::string_view name = name_in(line);
    said.emplace_back(name.empty() ? trim(line) : name);
    if (!name.empty()) said.back().append("=").append(trim(line.substr(line.find('=') + 1)));
  }
  return said;
}

// A longest common subsequence of two texts that differ in their first lines: of several the one that comes first.
bool match_middle(std::span<const std::string> from, std::span<const std::string> to, std::size_t offset,
                  std::span<std::size_t> matches) {
  const std::size_t width = to.size() + 1;
  if ((from.size() + 1) > kMostCells / width) return false;
  std::vector<std::uint32_t> longest((from.size() + 1) * width);  // of what is left from there on
  for (std::size_t i = from.size(); i-- > 0;) {
    for (std::size_t j = to.size(); j-- > 0;) {
      const std::size_t at = i * width + j;
      longest[at] = from[i] == to[j] ? longest[at + width + 1] + 1 : std::max(longest[at + width], longest[at + 1]);
    }
  }
  for (std::size_t i = 0, j = 0; i < from.size() && j < to.size();) {
    const std::size_t at = i * width + j;
    if (from[i] == to[j]) {
      matches[i++] = offset + j++;
    } else if (longest[at + 1] == longest[at]) {
      ++j;
    } else {
      ++i;
    }
  }
  return true;
}

// Of lines that could be the same as several the first ones. nullopt: too much differs.
std::optional<Matches> first_matches(const Said& from, const Said& to) {
  Matches matches(from.size(), kNone);
  std::size_t front = 0;
  for (; front < from.size() && front < to.size() && from[front] == to[front]; ++front) matches[front] = front;
  std::size_t back = 0;
  const std::size_t most = std::min(from.size(), to.size()) - front;
  for (; back < most && from[from.size() - 1 - back] == to[to.size() - 1 - back]; ++back) {
    matches[from.size() - 1 - back] = to.size() - 1 - back;
  }
  const auto middle = [&](const Said& lines) { return std::span(lines).subspan(front, lines.size() - front - back); };
  const std::span<std::size_t> between = std::span(matches).subspan(front, from.size() - front - back);
  if (!match_middle(middle(from), middle(to), front, between)) return std::nullopt;
  return matches;
}

std::optional<Matches> last_matches(Said from, Said to) {
  std::reverse(from.begin(), from.end());
  std::reverse(to.begin(), to.end());
  std::optional<Matches> matches = first_matches(from, to);
  if (!matches) return std::nullopt;
  std::reverse(matches->begin(), matches->end());
  for (std::size_t& match : *matches) {
    if (match != kNone) match = to.size() - 1 - match;
  }
  return matches;
}

// Lines [first, last) of the base became `lines`.
struct Hunk {
  std::size_t first;
  std::size_t last;
  LineViews lines;

  [[nodiscard]] bool is_insertion() const { return first == last; }
  [[nodiscard]] bool touches(const Hunk& other) const {
    if (is_insertion() && other.is_insertion()) return false;  // both stay
    return first < other.last && other.first < last;
  }
};

// Where a line became another one for the same key, the two are a hunk of their own.
void add_hunk(std::vector<Hunk>& hunks, const LineViews& base, std::size_t first, std::size_t last, LineViews lines) {
  std::size_t taken = 0;
  for (; first < last && taken < lines.size(); ++first, ++taken) {
    const std::string_view name = name_in(base[first]);
    if (name.empty() || name != name_in(lines[taken])) break;
    hunks.push_back({first, first + 1, {lines[taken]}});
  }
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(taken));
  if (first < last || !lines.empty()) hunks.push_back({first, last, std::move(lines)});
}

std::vector<Hunk> hunks_of(const LineViews& base, const LineViews& other, const Matches& matches) {
  std::vector<Hunk> hunks;
  std::size_t from = 0;
  std::size_t to = 0;
  for (std::size_t at = 0; at <= base.size(); ++at) {
    const std::size_t match = at == base.size() ? other.size() : matches[at];
    if (match == kNone) continue;
    if (from < at || to < match) {
      add_hunk(hunks, base, from, at,
               {other.begin() + static_cast<std::ptrdiff_t>(to), other.begin() + static_cast<std::ptrdiff_t>(match)});
    }
    from = at + 1;
    to = match + 1;
  }
  return hunks;
}

// Somebody's lines of the base, and hunks of both sides put in.
class Merged {
 public:
  Merged(const LineViews& theirs, const Matches& matches) : before_(matches.size() + 1), in_place_(matches.size()) {
    for (std::size_t at = 0; at < matches.size(); ++at) {
      if (matches[at] != kNone) in_place_[at] = {theirs[matches[at]]};
    }
  }

  void put(const Hunk& hunk) {
    LineViews& place = hunk.is_insertion() ? before_[hunk.first] : in_place_[hunk.first];
    for (std::size_t at = hunk.first; at < hunk.last; ++at) in_place_[at].clear();
    place.insert(place.end(), hunk.lines.begin(), hunk.lines.end());
  }

  void take_out(std::size_t line) { in_place_[line].clear(); }

  [[nodiscard]] std::string text() const {
    std::string text;
    for (std::size_t at = 0; at < before_.size(); ++at) {
      for (const std::string_view line : before_[at]) add(text, line);
      if (at == in_place_.size()) break;
      for (const std::string_view line : in_place_[at]) add(text, line);
    }
    return text;
  }

 private:
  static void add(std::string& text, std::string_view line) {
    if (!text.empty() && !text.ends_with('\n')) text += '\n';  // it was the last line
    text += line;
  }

  std::vector<LineViews> before_;    // each line; and at the end
  std::vector<LineViews> in_place_;  // of each line
};

// Whether they have put one of the lines of the base that the hunk changes elsewhere.
bool moved(const Hunk& hunk, const Said& said, const std::vector<Hunk>& theirs) {
  const auto is_there = [&](const std::string& line) {
    return std::any_of(theirs.begin(), theirs.end(),
                       [&](const Hunk& one) { return is_one_of(line, said_by(one.lines)); });
  };
  for (std::size_t at = hunk.first; at < hunk.last; ++at) {
    if (!name_in(said[at]).empty() && is_there(said[at])) return true;
  }
  return false;
}

// Their file with our hunks put in. nullopt: they have changed part of what a hunk of ours changes, and not all of it,
// or have moved it. `said`: by the lines of the base.
std::optional<std::string> merge(Merged merged, const Said& said, const std::vector<Hunk>& ours,
                                 const std::vector<Hunk>& theirs) {
  const auto changed_by_them = [&](const Hunk& hunk) {
    return std::any_of(theirs.begin(), theirs.end(), [&](const Hunk& one) { return one.touches(hunk); });
  };
  for (const Hunk& hunk : ours) {
    if (!changed_by_them(hunk)) {
      merged.put(hunk);
    } else if (moved(hunk, said, theirs)) {
      return std::nullopt;
    } else if (hunk.lines.empty()) {  // lines go: those that they left
      for (std::size_t at = hunk.first; at < hunk.last; ++at) {
        if (!changed_by_them({at, at + 1, {}})) merged.take_out(at);
      }
    } else if (hunk.last - hunk.first > 1 || hunk.is_insertion()) {
      return std::nullopt;
    }
  }
  for (const Hunk& hunk : theirs) merged.put(hunk);
  return merged.text();
}

std::string without_blank_lines(std::string_view text) {
  std::string rest;
  for (const std::string_view line : lines_with_ends(text)) {
    if (!trim(line).empty()) rest.append(trim(line)).append("\n");
  }
  return rest;
}

tl::unexpected<Error> cannot_be_told() {
  return fail(ErrorCode::refused, "it cannot be told which of its lines are somebody else's",
              "look at what has been changed in it since");
}

}  // namespace

Result<std::string> merge_sysctl_conf(std::string_view base, std::string_view ours, std::string_view theirs) {
  TRY_VOID(check_sysctl_conf(theirs));
  const LineViews lines = lines_with_ends(base);
  const LineViews our_lines = lines_with_ends(ours);
  const LineViews their_lines = lines_with_ends(theirs);
  const Said said = said_by(lines);
  const Said they_said = said_by(their_lines);
  const std::optional<Matches> our_matches = first_matches(said, said_by(our_lines));
  if (!our_matches) return cannot_be_told();
  const std::vector<Hunk> our_hunks = hunks_of(lines, our_lines, *our_matches);
  std::vector<std::string> texts;
  for (const auto& matches : {first_matches(said, they_said), last_matches(said, they_said)}) {
    const auto text =
        matches ? merge(Merged(their_lines, *matches), said, our_hunks, hunks_of(lines, their_lines, *matches))
                : std::nullopt;
    if (!text) return cannot_be_told();
    texts.push_back(*text);
  }
  // A line of theirs that says the same as ours may be either.
  if (without_blank_lines(texts[0]) != without_blank_lines(texts[1])) return cannot_be_told();
  return texts[0];
}

}  // namespace twctl
