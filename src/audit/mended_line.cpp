#include "audit/mended_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/file_lines.hpp"
#include "base/text.hpp"
#include "catalog/other_keys.hpp"
#include "formats/odd_character.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kQuotes = "\"'";

bool take_front(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The key as the catalogue spells it; "" if it means none of ours.
std::string plain_key(std::string_view written) {
  std::string_view key = trim(written);
  const bool dash = take_front(key, "-");
  key = trim(key);
  if (take_front(key, "sysctl")) {
    key = trim(key);
    take_front(key, "-w");
    key = trim(key);
  }
  const Setting* setting = setting_meant_by(key);
  if (setting == nullptr) return {};
  std::string bare = replaced(to_lower(key), '/', '.');
  for (const std::string_view around : {"proc.sys.", "."}) {
    const std::size_t at = bare.find(around);
    if (at <= 1 && bare.substr(at + around.size()) == setting->key) bare = setting->key;
  }
  if (bare == std::string(setting->key) + ".") bare = setting->key;
  return bare == setting->key ? (dash ? "-" : "") + bare : std::string();
}

// Without the punctuation that is glued to it.
std::string_view without_tail(std::string_view value, const Setting& setting) {
  value = trim(value);
  while (!value.empty() && (value.back() == ',' || value.back() == '\\'))
    value = trim(value.substr(0, value.size() - 1));
  if (setting.unit == "s" && value.size() > 1 && value.back() == 's') value.remove_suffix(1);
  return value;
}

std::string plain_value(std::string_view value, const Setting& setting) {
  value = without_tail(value, setting);
  while (!value.empty() && kQuotes.find(value.front()) != std::string_view::npos) value.remove_prefix(1);
  while (!value.empty() && kQuotes.find(value.back()) != std::string_view::npos) value.remove_suffix(1);
  value = without_tail(value, setting);
  take_front(value, "+");
  return std::string(trim(value));
}

// Whether both loaders make the kernel take the line's value.
bool applies(std::string_view line, const AuditContext& context) {
  const auto judged = judge_sysctl_file("", std::string(line) + "\n", context);
  return judged && judged->lines.size() == 1 && judged->lines[0].in_force() && !judged->lines[0].systemd_differs;
}

// "  KEY = VALUE" with the comment above it.
std::string assembled(std::string_view before, std::string_view key, std::string_view after, std::string_view value,
                      std::string_view comment) {
  const std::string_view indent = leading_blanks(before);
  const std::string_view gap = before.substr(std::min(before.find_last_not_of(" \t") + 1, before.size()));
  const std::string above = comment.empty() ? "" : fmt::format("{}{}\n", indent, comment);
  return fmt::format("{}{}{}{}={}{}", above, indent, key, gap, leading_blanks(after), value);
}

// What stands between two like quotes; else the whole.
std::string_view unquoted(std::string_view word) {
  const bool quoted = word.size() > 2 && word.front() == word.back() && kQuotes.find(word.front()) != word.npos;
  return quoted ? word.substr(1, word.size() - 2) : word;
}

// A key outside the catalogue: only what looks like nothing or like a blank goes, and quotes of a word and a comment
// behind it.
std::optional<std::string> mended_other(std::string_view line, std::string_view plain) {
  const std::size_t equals = plain.find('=');
  const std::string_view before = plain.substr(0, equals);
  const std::string_view after = plain.substr(equals + 1);
  const std::string_view key = trim(before);
  if (!is_ordinary_key(key) || key.find('.') == std::string_view::npos) return std::nullopt;
  const ValueAndComment parts = split_comment(trim(after));
  const bool is_word = is_word_key(key);
  std::string mended =
      assembled(before, key, after, is_word ? unquoted(parts.value) : trim(after), is_word ? parts.comment : "");
  return mended == line ? std::nullopt : std::optional(std::move(mended));
}

// Where what may be a comment begins.
std::size_t find_mark(std::string_view written) {
  return std::min({written.find('#'), written.find(';'), written.find("//")});
}

// Whether what begins there is a comment, and not more of the value: "8080;9090", "bbr;cubic", "1;net.core.x = 2".
bool begins_comment(std::string_view written, std::size_t at) {
  const std::string_view behind = written.substr(std::min(written.find_first_not_of("#;/", at), written.size()));
  const std::string_view said = trim(behind);
  if (said.empty()) return true;
  const bool is_apart = at == 0 || is_blank(written[at - 1]);
  const bool is_number = is_digits(said.substr(0, 1));
  if (written[at] != ';') return is_apart || !is_number;
  return (is_apart || is_blank(behind.front())) && !is_number && said.find('=') == std::string_view::npos;
}

}  // namespace

ValueAndComment split_comment(std::string_view written) {
  const std::size_t at = find_mark(written);
  if (at == std::string_view::npos || !begins_comment(written, at)) return {trim(written), {}};
  const std::string_view text = trim(written.substr(at));
  const bool marked = text.front() != '/';
  const std::string_view said = trim(text.substr(std::min(text.find_first_not_of("#;/"), text.size())));
  if (said.empty()) return {trim(written.substr(0, at)), {}};
  return {trim(written.substr(0, at)), marked ? std::string(text) : "# " + std::string(said)};
}

bool has_more_behind(std::string_view written) {
  const std::size_t at = find_mark(written);
  return at != std::string_view::npos && written.find_first_not_of("#;/ \t\r", at) != std::string_view::npos;
}

std::string_view leading_blanks(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of(" \t"), text.size()));
}

std::optional<std::string> mended_line(std::string_view line, const AuditContext& context) {
  const std::string plain = without_look_alikes(line);
  const std::size_t equals = plain.find('=');
  if (equals == std::string::npos) return std::nullopt;
  const std::string_view text = plain;
  const std::string key = plain_key(text.substr(0, equals));
  const Setting* setting = key.empty() ? nullptr : find_setting(Os::linux_kernel, key.substr(key[0] == '-' ? 1 : 0));
  if (setting == nullptr) return mended_other(line, text);
  const std::string_view after = text.substr(equals + 1);
  const auto [written, comment] = split_comment(after);
  const std::string value = plain_value(written, *setting);
  // The kernel takes one number for the low end of a range; what stands behind it may have meant the other one.
  const bool is_half = setting->type == ValueType::integer_pair && words(value).size() < 2;
  std::string mended = assembled(text.substr(0, equals), key, after, value, comment);
  const bool is_lost = value.empty() && !trim(after).empty();  // what stands there may be what was meant
  if (mended == line || is_half || is_lost || !applies(mended, context)) return std::nullopt;
  return mended;
}

}  // namespace twctl
