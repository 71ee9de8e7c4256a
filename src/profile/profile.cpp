#include "profile/profile.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

constexpr std::size_t kWrapColumn = 100;
constexpr std::string_view kSourceWord = "Source:";  // in a comment: what follows says who says so

// The reason as comment lines of up to kWrapColumn bytes.
std::string as_comment(std::string_view reason) {
  std::string text;
  std::size_t used = kWrapColumn;  // of the line in hand
  for (const std::string_view word : words(reason)) {
    const bool fits = used + 1 + word.size() <= kWrapColumn;
    if (!fits && !text.empty()) text += '\n';
    text += fits ? " " : "; ";
    text += word;
    used = (fits ? used + 1 : 2) + word.size();
  }
  return text.empty() ? text : text + '\n';
}

// "key = value"; without blanks where only so the line stays within kProfileLine, or is read as it was.
std::string as_line(std::string_view key, std::string_view value) {
  const bool fits = key.size() + 3 + value.size() <= kProfileLine;
  const bool is_remark = value.starts_with(';') || value.starts_with('#');  // it would be, behind a blank
  return fmt::format("{}{}{}\n", key, fits && !is_remark ? " = " : "=", value);
}

std::string as_section(std::string_view name, Os os, const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    if (entry.setting->os != os) continue;
    text += text.empty() ? fmt::format("\n[{}]\n", name) : "";
    text += as_comment(to_text(entry.reason));
    text += as_line((entry.optional ? "-" : "") + std::string(entry.setting->key), to_text(entry.wanted));
  }
  return text;
}

}  // namespace

Reason reason_in(std::string_view comment) {
  std::size_t at = comment.find(kSourceWord);
  while (at != std::string_view::npos && at > 0 && comment[at - 1] != ' ') at = comment.find(kSourceWord, at + 1);
  if (at == std::string_view::npos) return {.why = std::string(comment), .source = {}};
  return {.why = std::string(trim(comment.substr(0, at))),
          .source = std::string(trim(comment.substr(at + kSourceWord.size())))};
}

std::string to_text(const Reason& reason) {
  if (reason.source.empty()) return reason.why;
  return fmt::format("{}{}{} {}", reason.why, reason.why.empty() ? "" : " ", kSourceWord, reason.source);
}

std::string to_ini(const Profile& profile) {
  std::string text = "[profile]\n";
  if (!profile.summary.empty()) text += as_line("summary", profile.summary);
  if (!profile.parent.empty()) text += as_line("extends", profile.parent);
  if (profile.entries.empty()) text += "; sets nothing in twctl's scope\n";
  text += as_section("linux", Os::linux_kernel, profile.entries);
  return text + as_section("windows", Os::windows, profile.entries);
}

}  // namespace twctl
