#include "audit/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/cells.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr int kContext = 3;

// As git (core.quotePath=false) and GNU patch quote: letters of every script are as they are; in a name that has
// anything else every byte but printable ASCII is octal.
std::string name_of(std::string_view path) {
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; };
  if (path.find_first_of(" \"\\") == std::string_view::npos && is_printable(path)) return std::string(path);
  std::string quoted = "\"";
  for (const char c : path) {
    if (is_plain(c) || c == ' ') {
      quoted += c;
    } else {
      quoted += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
  }
  return quoted + "\"";
}

class Differ {
 public:
  Differ(std::string_view before, const std::vector<LineEdit>& edits) : lines_(split(before, '\n')), edits_(edits) {
    if (lines_.back().empty()) {
      lines_.pop_back();
    } else {
      ends_bare_ = true;
    }
  }

  std::string hunks() {
    std::string text;
    for (std::size_t first = 0; first < edits_.size();) {
      std::size_t end = first + 1;
      while (end < edits_.size() && edits_[end].line - edits_[end - 1].line <= 2 * kContext) ++end;
      text += hunk(first, end);
      first = end;
    }
    return text;
  }

 private:
  [[nodiscard]] int count() const { return static_cast<int>(lines_.size()); }

  std::string row(char mark, int number, std::string_view line) const {
    const bool bare = ends_bare_ && number == count();
    return fmt::format("{}{}\n{}", mark, line, bare ? "\\ No newline at end of file\n" : "");
  }

  // Old lines, then what takes their place.
  std::string hunk(std::size_t first, std::size_t end) {
    const int from = std::max(1, edits_[first].line - kContext);
    const int to = std::min(count(), edits_[end - 1].line + kContext);
    std::string body;
    int added = 0;
    std::size_t edit = first;
    for (int number = from; number <= to; ++number) {
      const std::string_view line = lines_[static_cast<std::size_t>(number) - 1];
      const bool edited = edit < end && edits_[edit].line == number;
      body += row(edited ? '-' : ' ', number, line);
      if (!edited) ++added;
      if (edited && edits_[edit].text) {
        const std::vector<std::string_view> new_lines = split(*edits_[edit].text, '\n');
        for (const std::string_view& one : new_lines) {
          body += &one == &new_lines.back() ? row('+', number, one) : fmt::format("+{}\n", one);
        }
        added += static_cast<int>(new_lines.size());
      }
      if (edited) ++edit;
    }
    const int new_from = from + shift_;
    shift_ += added - (to - from + 1);
    return fmt::format("@@ -{},{} +{},{} @@\n{}", from, to - from + 1, added == 0 ? new_from - 1 : new_from, added,
                       body);
  }

  std::vector<std::string_view> lines_;
  const std::vector<LineEdit>& edits_;
  bool ends_bare_ = false;
  int shift_ = 0;  // how much further down the new text is by now
};

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, const std::vector<LineEdit>& edits) {
  if (edits.empty()) return {};
  const std::string name = name_of(path);
  return fmt::format("--- {0}\n+++ {0}\n", name) + Differ(before, edits).hunks();
}

}  // namespace twctl
