#include "formats/tuned.hpp"

#include <utility>

#include "base/text.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view without_comment(std::string_view line) {
  const std::string_view text = trim(line);
  if (text.starts_with('#') || text.starts_with(';')) return {};
  for (std::size_t at = line.find('#'); at < line.size(); at = line.find('#', at + 1)) {
    if (at == 0 || is_blank(line[at - 1])) return line.substr(0, at);
  }
  return line;
}

class OptionReader {
 public:
  TunedText read(std::string_view text) {
    for (int line = 1; !text.empty() && parsed_.bad_line == 0; ++line) {
      const std::string_view raw = take_line(text, line).raw;
      const std::string_view content = trim(without_comment(raw));
      if (!content.empty()) take(content, raw.find_first_not_of(" \t\v\f\r"), line);
      if (trim(raw).empty()) ++empty_lines_;
    }
    return std::move(parsed_);
  }

 private:
  void take(std::string_view text, std::size_t indent, int line) {
    const std::size_t lines = std::exchange(empty_lines_, 0) + 1;
    if (in_option_ && indent > indent_) {
      parsed_.options.back().value.append(lines, '\n').append(text);
      return;
    }
    indent_ = indent;
    const std::size_t bracket = text.rfind(']');
    if (text.front() == '[' && bracket != std::string_view::npos && bracket > 1) {
      section_ = text.substr(1, bracket - 1);
      in_option_ = false;
      return;
    }
    const std::size_t sign = text.find('=');
    if (sign == 0 || sign == std::string_view::npos || section_.empty()) {
      parsed_.bad_line = line;
      return;
    }
    in_option_ = true;
    parsed_.options.push_back(
        {section_, std::string(trim(text.substr(0, sign))), std::string(trim(text.substr(sign + 1))), line});
  }

  TunedText parsed_;
  std::string section_;
  std::size_t indent_ = 0;
  std::size_t empty_lines_ = 0;  // since the last line that had something; those within a value belong to it
  bool in_option_ = false;
};

}  // namespace

TunedText read_tuned_text(std::string_view bytes) { return OptionReader().read(without_bom(bytes)); }

std::string_view unquoted_by_tuned(std::string_view value) {
  const bool one_line = value.find('\n') == std::string_view::npos;
  const bool quoted = one_line && value.size() > 1 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace twctl
