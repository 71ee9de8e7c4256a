#include "audit/fix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "audit/unified_diff.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kQuotes = "\"'";

// Without what looks like nothing; what looks like a blank or a sign becomes one.
std::string plain_characters(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    const bool blank = point.valid && (point.value == 0xA0 || point.value == 0x3000);
    if (blank) plain += ' ';
    if (point.valid && point.value == 0xFF1D) plain += '=';
    const bool goes = point.valid && (blank || point.value == 0xFF1D || is_invisible_or_bidi(point.value));
    if (!goes) plain += text.substr(0, point.bytes);
    text.remove_prefix(point.bytes);
  }
  return plain;
}

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
  std::string bare = to_lower(key);
  std::replace(bare.begin(), bare.end(), '/', '.');
  for (const std::string_view around : {"proc.sys.", "."}) {
    const std::size_t at = bare.find(around);
    if (at <= 1 && bare.substr(at + around.size()) == setting->key) bare = setting->key;
  }
  if (bare == std::string(setting->key) + ".") bare = setting->key;
  return bare == setting->key ? (dash ? "-" : "") + bare : std::string();
}

// Up to the comment or the punctuation that is glued to it.
std::string_view without_tail(std::string_view value, const Setting& setting) {
  value = value.substr(0, std::min(value.find('#'), value.find(';')));
  if (const std::size_t slashes = value.find("//"); slashes != std::string_view::npos) value = value.substr(0, slashes);
  value = trim(value);
  while (!value.empty() && (value.back() == ',' || value.back() == '\\'))
    value = trim(value.substr(0, value.size() - 1));
  if (setting.unit == "s" && value.size() > 1 && value.back() == 's') value.remove_suffix(1);
  return value;
}

std::string plain_value(std::string_view written, const Setting& setting) {
  std::string_view value = without_tail(trim(written), setting);
  while (!value.empty() && kQuotes.find(value.front()) != std::string_view::npos) value.remove_prefix(1);
  while (!value.empty() && kQuotes.find(value.back()) != std::string_view::npos) value.remove_suffix(1);
  value = without_tail(trim(value), setting);
  take_front(value, "+");
  return std::string(trim(value));
}

// Whether both loaders make the kernel take the line's value.
bool applies(std::string_view line, const AuditContext& context) {
  const auto judged = judge_sysctl_file("", std::string(line) + "\n", context);
  return judged && judged->lines.size() == 1 && judged->lines[0].in_force() && !judged->lines[0].systemd_differs;
}

std::string_view leading_blanks(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of(" \t"), text.size()));
}

// The lines, by number, that are to go or are without effect.
struct Ailing {
  std::set<int> removed;
  std::set<int> broken;
};

Ailing ailing_lines(const AuditedSysctl& file) {
  Ailing lines;
  for (const AuditedLine& line : file.lines) {
    if (line.fate == Fate::removed) lines.removed.insert(line.where.line);
    if (line.fate == Fate::refused || line.fate == Fate::not_an_assignment) lines.broken.insert(line.where.line);
  }
  for (const Assignment& said : file.procps.assignments) {  // another case, or a separator too many
    const bool ours = find_setting(Os::linux_kernel, said.key) != nullptr;
    if (!ours && !said.exclusion && !has_glob(said) && setting_meant_by(said.key) != nullptr)
      lines.broken.insert(said.line);
  }
  return lines;
}

}  // namespace

std::optional<std::string> mended_line(std::string_view line, const AuditContext& context) {
  const std::string plain = plain_characters(line);
  const std::size_t equals = plain.find('=');
  if (equals == std::string::npos) return std::nullopt;
  const std::string_view text = plain;
  const std::string key = plain_key(text.substr(0, equals));
  const Setting* setting = key.empty() ? nullptr : find_setting(Os::linux_kernel, key.substr(key[0] == '-' ? 1 : 0));
  if (setting == nullptr) return std::nullopt;
  const std::string_view before = text.substr(0, equals);
  const std::string_view after = text.substr(equals + 1);
  const std::string_view gap = before.substr(std::min(before.find_last_not_of(" \t") + 1, before.size()));
  std::string mended =
      fmt::format("{}{}{}={}{}", leading_blanks(before), key, gap, leading_blanks(after), plain_value(after, *setting));
  if (mended == line || !applies(mended, context)) return std::nullopt;
  return mended;
}

Result<std::string> fix_diff(std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY(const AuditedSysctl judged, judge_sysctl_file(path, bytes, context));
  const Ailing ailing = ailing_lines(judged);
  std::vector<LineEdit> edits;
  int number = 0;
  for (std::string_view line : split(bytes, '\n')) {
    ++number;
    if (ailing.removed.contains(number)) edits.push_back({number, std::nullopt});
    if (!ailing.broken.contains(number)) continue;
    const bool crlf = line.ends_with('\r');
    if (crlf) line.remove_suffix(1);
    if (std::optional<std::string> mended = mended_line(line, context)) {
      edits.push_back({number, *mended + (crlf ? "\r" : "")});
    }
  }
  return unified_diff(path, bytes, edits);
}

}  // namespace twctl
