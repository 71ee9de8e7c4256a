// A TuneD profile as TuneD reads it: Python's ConfigParser with '=' only, '#' also behind a blank, ';' only at the
// start of a line, duplicates allowed, and values that go on in deeper indented lines (tuned/profiles/loader.py).
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "profile/foreign.hpp"
#include "profile/readers.hpp"
#include "profile/text_lines.hpp"

namespace twctl {
namespace {

struct Option {
  std::string section;
  std::string key;
  std::string value;
  int line = 0;
};

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view without_comment(std::string_view line) {
  const std::string_view text = trim(line);
  if (text.starts_with('#') || text.starts_with(';')) return {};
  for (std::size_t at = line.find('#'); at < line.size(); at = line.find('#', at + 1)) {
    if (at == 0 || is_blank(line[at - 1])) return line.substr(0, at);
  }
  return line;
}

// What ConfigParser makes of the text; `bad_line` is the first line that makes it refuse the whole file.
struct Parsed {
  std::vector<Option> options;
  int bad_line = 0;
};

class OptionReader {
 public:
  Parsed read(std::string_view text) {
    for (int line = 1; !text.empty() && parsed_.bad_line == 0; ++line) {
      const std::string_view raw = take_line(text, line).raw;
      const std::string_view content = without_comment(raw);
      if (!trim(content).empty()) take(trim(content), raw.find_first_not_of(" \t\v\f\r"), line);
    }
    return std::move(parsed_);
  }

 private:
  void take(std::string_view text, std::size_t indent, int line) {
    if (in_option_ && indent > indent_) {
      parsed_.options.back().value.append(" ").append(text);
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

  Parsed parsed_;
  std::string section_;
  std::size_t indent_ = 0;
  bool in_option_ = false;
};

std::string_view unquoted(std::string_view value) {
  const bool quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

void take_sysctl(ForeignProfile& profile, const Option& option) {
  const std::string key = dotted_key(option.key);
  const Setting* setting = find_setting(Os::linux_kernel, key);
  if (setting == nullptr) {
    const bool is_sysctl = key.find('.') != std::string::npos;  // "type", "enabled" and the like are TuneD's own
    return is_sysctl ? profile.leave_alone(key) : void();
  }
  const std::string_view value = unquoted(option.value);
  if (value.find("${") != std::string_view::npos) {
    return profile.refuse(*setting, escape(value) + " is known to TuneD only; left alone", option.line);
  }
  const bool bound = value.size() > 1 && (value.front() == '>' || value.front() == '<');
  if (!bound) return profile.written(*setting, value, option.line);
  const Result<Wanted> wanted = parse_wanted(*setting, fmt::format("{}={}", value.front(), trim(value.substr(1))));
  if (!wanted)
    return profile.refuse(*setting, escape(value) + " bounds nothing that twctl knows; left alone", option.line);
  profile.want(*setting, *wanted, option.line);
}

void take_main(ForeignProfile& profile, const Option& option) {
  if (option.key == "summary") profile.summarize(option.value);
  if (option.key != "include") return;
  profile.note(option.line,
               fmt::format("include={}: not followed; name that profile's file too", escape(option.value)));
}

}  // namespace

Profile read_tuned_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::tuned);
  const Parsed parsed = OptionReader().read(without_bom(bytes));
  if (parsed.bad_line != 0) {
    profile.note(parsed.bad_line, "not KEY=VALUE in a section; TuneD refuses the whole file over it");
    return profile.finish();
  }
  for (const Option& option : parsed.options) {
    if (option.section == "main") take_main(profile, option);
    if (option.section == "sysctl") take_sysctl(profile, option);
  }
  return profile.finish();
}

}  // namespace twctl
