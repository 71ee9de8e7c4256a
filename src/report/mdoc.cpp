#include "report/mdoc.hpp"

#include <vector>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::string_view kBold = "\\fB";
constexpr std::string_view kPlain = "\\fR";

// groff_char(7): what a formatter would otherwise make a typographer's sign of, or take for a command.
std::string as_typed(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {c};
  }
}

std::string as_typed(std::string_view text) {
  std::string typed;
  for (const char c : text) typed += as_typed(c);
  return typed;
}

// Code: none of its words is ever parted.
std::string code_text(std::string_view code) {
  std::string text;
  for (const std::string_view word : split(code, ' ')) {
    text.append(text.empty() ? "" : " ").append(word.empty() ? "" : "\\%").append(as_typed(word));
  }
  return text;
}

// Of prose: "--yes" is an option and keeps its hyphens, "tcp_tw_reuse" and "/etc" are names, "read-only" is a word.
std::string word_text(std::string_view word) {
  if (word.starts_with('-') && word.size() > 1) return code_text(word);
  std::string text = word.find_first_of("_/") == std::string_view::npos ? "" : "\\%";
  for (const char c : word) text += c == '-' || c == '\'' ? std::string(1, c) : as_typed(c);
  return text;
}

std::string plain_text(std::string_view text) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" (", at), text.size());
    result += word_text(text.substr(at, end - at));
    if (end < text.size()) result += text[end];
    at = end + 1;
  }
  return result;
}

// The text of a link without its target.
std::string without_targets(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t middle = text.find("](");
    const std::size_t begin = middle == std::string_view::npos ? middle : text.rfind('[', middle);
    const std::size_t end = middle == std::string_view::npos ? middle : text.find(')', middle);
    if (begin == std::string_view::npos || end == std::string_view::npos) break;
    result.append(text.substr(0, begin)).append(text.substr(begin + 1, middle - begin - 1));
    text.remove_prefix(end + 1);
  }
  return result.append(text);
}

// Marks in pairs: "`" around code, "**" around what is strong. A mark without its partner is itself.
std::string marked_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find('`'), text.find("**"));
    if (begin == std::string_view::npos) break;
    const std::string_view mark = text.substr(begin, text[begin] == '`' ? 1 : 2);
    const std::size_t inside = begin + mark.size();
    const std::size_t end = text.find(mark, inside);
    if (end == std::string_view::npos) break;
    result += plain_text(text.substr(0, begin));
    result.append(kBold).append(code_text(text.substr(inside, end - inside))).append(kPlain);
    text.remove_prefix(end + mark.size());
  }
  return result + plain_text(text);
}

// A line that begins with a dot or an apostrophe would be a command.
std::string harmless(std::string_view line) {
  const bool command = line.starts_with('.') || line.starts_with('\'');
  return (command ? "\\&" : "") + std::string(line);
}

bool ends_sentence(std::string_view text, std::size_t dot) {
  const bool stops = text[dot] == '.' || text[dot] == '?' || text[dot] == '!';
  if (!stops || dot + 2 >= text.size() || text[dot + 1] != ' ') return false;
  const char next = text[dot + 2];
  return (next >= 'A' && next <= 'Z') || next == '`' || next == '[';
}

// A line of Markdown's source, as far as its blocks are concerned.
bool is_item(std::string_view line) { return line.starts_with("- "); }
bool is_row(std::string_view line) { return line.starts_with('|'); }
bool is_fence(std::string_view line) { return line.starts_with("```"); }
bool is_indented(std::string_view line) { return line.starts_with("    "); }
bool begins_block(std::string_view line) {
  return trim(line).empty() || is_item(line) || is_row(line) || is_fence(line) || line.starts_with('#');
}

// "| a | b \| c |" -> "a", "b | c"
std::vector<std::string> cells_in_row(std::string_view row) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '\\' && i + 1 < row.size() && row[i + 1] == '|') {
      cell += row[++i];
    } else if (row[i] == '|') {
      cells.emplace_back(trim(cell));
      cell.clear();
    } else {
      cell += row[i];
    }
  }
  return cells;
}

// Walks over the lines of a document, a block at a time.
class Blocks {
 public:
  explicit Blocks(std::string_view markdown) : lines_(split(markdown, '\n')) {}

  std::string all() {
    while (at_ < lines_.size()) add_block();
    return text_;
  }

 private:
  [[nodiscard]] std::string_view line() const { return at_ < lines_.size() ? lines_[at_] : std::string_view(); }
  [[nodiscard]] bool more() const { return at_ < lines_.size(); }

  void add_block() {
    if (trim(line()).empty()) {
      ++at_;
    } else if (line().starts_with('#')) {
      add_heading();
    } else if (is_fence(line()) || is_indented(line())) {
      add_code();
    } else if (is_row(line())) {
      add_table();
    } else if (is_item(line())) {
      add_list();
    } else {
      if (!first_) text_ += ".Pp\n";
      text_ += mdoc_prose(paragraph());
      first_ = false;
    }
  }

  void add_heading() {
    std::string title(trim(line().substr(line().find_first_not_of('#'))));
    for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    text_ += ".Sh " + title + "\n";
    first_ = true;
    ++at_;
  }

  void add_code() {
    const bool fenced = is_fence(line());
    std::string code;
    for (at_ += fenced ? 1 : 0; more() && (fenced ? !is_fence(line()) : is_indented(line())); ++at_) {
      code.append(fenced ? line() : line().substr(4)).append("\n");
    }
    at_ += fenced ? 1 : 0;
    text_ += mdoc_literal(code);
    first_ = false;
  }

  // The lines from here to the next block, as one.
  std::string paragraph() {
    std::string text(trim(line()));
    for (++at_; more() && !begins_block(line()); ++at_) text.append(" ").append(trim(line()));
    return text;
  }

  void add_list() {
    text_ += ".Bl -bullet\n";
    while (is_item(line())) {
      text_ += ".It\n" + mdoc_prose(paragraph().substr(2));
    }
    text_ += ".El\n";
    first_ = false;
  }

  void add_table() {
    const std::vector<std::string> head = cells_in_row(line());
    at_ += 2;  // and the line below it
    std::string tag;
    text_ += ".Bl -tag -width Ds\n";
    for (; is_row(line()); ++at_) add_row(head, cells_in_row(line()), tag);
    text_ += ".El\n";
    first_ = false;
  }

  // An empty first cell stands for the one above it.
  void add_row(const std::vector<std::string>& head, const std::vector<std::string>& cells, std::string& tag) {
    if (cells.empty()) return;
    if (!cells[0].empty()) tag = cells[0];
    text_ += ".It " + marked_text(without_targets(tag)) + "\n";
    for (std::size_t i = 1; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const bool named = cells.size() > 2 && i < head.size() && !head[i].empty();
      text_ += mdoc_prose(named ? "**" + head[i] + "**: " + cells[i] : cells[i]);
      if (named && i + 1 < cells.size()) text_ += ".Pp\n";
    }
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::string text_;
  bool first_ = true;  // of the text below a heading
};

}  // namespace

std::string mdoc_prose(std::string_view text) {
  const std::string prose = without_targets(text);
  std::string lines;
  std::size_t begin = 0;
  bool in_code = false;
  for (std::size_t i = 0; i < prose.size(); ++i) {
    if (prose[i] == '`') in_code = !in_code;
    if (in_code || !ends_sentence(prose, i)) continue;
    lines += harmless(marked_text(std::string_view(prose).substr(begin, i + 1 - begin))) + "\n";
    begin = i + 2;
  }
  return lines + harmless(marked_text(std::string_view(prose).substr(begin))) + "\n";
}

std::string mdoc_argument(std::string_view text) { return as_typed(text); }

std::string mdoc_literal(std::string_view lines) {
  std::string block = ".Bd -literal -offset indent\n";
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  for (const std::string_view line : split(lines, '\n')) block += harmless(as_typed(line)) + "\n";
  return block + ".Ed\n";
}

std::string mdoc_of_markdown(std::string_view markdown) { return Blocks(markdown).all(); }

}  // namespace twctl
