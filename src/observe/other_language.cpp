#include "observe/other_language.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "catalog/setting.hpp"

namespace twctl {
namespace {

bool is_of_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/';
}

// Up to a '#' behind a blank that no quotes are around, or to "//" as a line's first.
std::string_view without_comment(std::string_view line) {
  const std::string_view said = trim(line);
  if (said.starts_with('#') || said.starts_with("//")) return {};
  char quote = '\0';
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '\\') {
      ++at;
    } else if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' && at > 0 && is_blank(line[at - 1])) {
      return line.substr(0, at);
    }
  }
  return line;
}

// Passes over Perl's POD, and Python's texts in three quotes that stand by themselves.
class Documentation {
 public:
  // Whether the line is of one.
  bool take(std::string_view line) {
    const std::string_view said = trim(line);
    if (!end_.empty()) {
      const bool ends = end_ == "=cut" ? line.starts_with(end_) : said.find(end_) != std::string_view::npos;
      if (ends) end_ = {};
      return true;
    }
    const bool is_pod = line.size() > 1 && line[0] == '=' && line[1] >= 'a' && line[1] <= 'z';
    if (is_pod && !line.starts_with("=cut")) end_ = "=cut";
    for (const std::string_view quotes : {"\"\"\"", "'''"}) {
      if (!said.starts_with(quotes)) continue;
      if (said.find(quotes, quotes.size()) == std::string_view::npos) end_ = quotes;
      return true;
    }
    return is_pod;
  }

 private:
  std::string_view end_;  // by which it ends; "": in none
};

// What stands behind "KEY =" up to the end of its string; "" where no plain text does.
std::string_view value_behind(std::string_view rest) {
  rest = trim(rest);
  if (!rest.starts_with('=')) return {};
  rest = trim(rest.substr(1));
  const std::string_view value = trim(rest.substr(0, rest.find_first_of("\"'`\\;&|),")));
  const bool is_plain = value.find_first_not_of("0123456789 \t-") == std::string_view::npos;
  return is_plain ? value : std::string_view{};
}

void read_line(std::string_view line, int number, std::vector<NamedSetting>& named) {
  constexpr std::array<std::string_view, 8> kWrites{"'w'", "\"w\"", "'w+'", "'r+'", ">", "write", "-w", "=>"};
  const bool writes =
      std::any_of(kWrites.begin(), kWrites.end(), [&](auto sign) { return line.find(sign) != std::string_view::npos; });
  for (std::size_t at = line.find("net"); at != std::string_view::npos; at = line.find("net", at + 1)) {
    std::size_t end = at;
    while (end < line.size() && is_of_key(line[end])) ++end;
    const bool begins = at == 0 || !is_of_key(line[at - 1]) || line[at - 1] == '/';
    std::string key(line.substr(at, end - at));
    std::replace(key.begin(), key.end(), '/', '.');
    if (!begins || find_setting(Os::linux_kernel, key) == nullptr) continue;
    const std::string_view rest = line.substr(end);
    if (!trim(rest).starts_with('=') && !writes) continue;  // it reads
    named.push_back({std::move(key), std::string(value_behind(rest)), number});
  }
}

}  // namespace

bool is_interpreter(std::string_view program) {
  constexpr std::array<std::string_view, 10> kOthers{"python", "perl",  "ruby",   "node", "php",
                                                     "lua",    "tclsh", "expect", "pypy", "pwsh"};
  return std::any_of(kOthers.begin(), kOthers.end(),
                     [&](std::string_view other) { return program.starts_with(other); });
}

bool is_in_other_language(std::string_view script) {
  if (!script.starts_with("#!")) return false;
  std::string_view line = trim(script.substr(2, script.find('\n') - 2));
  std::string_view program = take_word(line);
  const auto name = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  while (name(program) == "env" || program.starts_with('-')) program = take_word(line);
  return is_interpreter(name(program));
}

std::vector<NamedSetting> settings_in_other_language(std::string_view text, std::size_t most) {
  std::vector<NamedSetting> named;
  Documentation documentation;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.starts_with("__END__") || line.starts_with("__DATA__") || named.size() > most) break;
    if (!documentation.take(line)) read_line(without_comment(line), number, named);
  }
  return named;
}

}  // namespace twctl
