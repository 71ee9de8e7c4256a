#include "formats/shell_condition.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/text.hpp"

namespace twctl {
namespace {

using Words = std::span<const ShellWord>;
using Is = ShellOutcome::Is;

constexpr std::string_view kSettings = "proc/sys/";  // below the root

bool is_setting_file(std::string_view path) {
  constexpr std::size_t kLongest = 256;
  return path.size() <= kLongest && path.starts_with('/') && path.substr(1).starts_with(kSettings);
}

ShellOutcome known(bool yes) { return {.is = yes ? Is::yes : Is::no}; }

std::string_view program(const ShellWord& word) {
  const std::string_view path = word.text;
  return path.substr(path.rfind('/') + 1);
}

// With what the shell would put for who runs it.
std::optional<std::string_view> text_of(const ShellWord& word) {
  constexpr std::array<std::string_view, 5> kRootsId{"$EUID", "${EUID}", "$UID", "${UID}", "$(id -u)"};
  constexpr std::array<std::string_view, 3> kRootsName{"$(whoami)", "$(id -un)", "$(id -u -n)"};
  if (word.known) return word.text;
  if (is_one_of(word.text, kRootsId) || word.text == "`id -u`") return "0";
  if (is_one_of(word.text, kRootsName) || word.text == "`whoami`") return "root";
  return std::nullopt;
}

// "A = B" of test(1). A number is compared by its text: "00" is rare.
ShellOutcome compared(const ShellWord& left, std::string_view how, const ShellWord& right) {
  const auto a = text_of(left);
  const auto b = text_of(right);
  if (!a || !b) return {};
  if (how == "=" || how == "==" || how == "-eq") return known(*a == *b);
  if (how == "!=" || how == "-ne") return known(*a != *b);
  return {};
}

// Where the file is one of /proc/sys, which is there, may be read and may be written by root, or is none of the three.
ShellOutcome tested(std::string_view how, const ShellWord& word) {
  constexpr std::array<std::string_view, 5> kIsThere{"-e", "-f", "-a", "-w", "-r"};
  if (word.known && is_setting_file(word.text) && is_one_of(how, kIsThere))
    return {.is = Is::if_file, .file = word.text};
  if (!word.known) return {};
  if (how == "-x" && program(word) == "sysctl") return known(true);  // else what asks for it sets nothing by it
  if (how == "-n") return known(!word.text.empty());
  if (how == "-z") return known(word.text.empty());
  return {};
}

// What stands between "[" and "]".
ShellOutcome outcome_of_test(Words words) {
  if (words.size() > 1 && words[0].text == "!") return negated(outcome_of_test(words.subspan(1)));
  if (words.size() == 2) return tested(words[0].text, words[1]);
  return words.size() == 3 ? compared(words[0], words[1].text, words[2]) : ShellOutcome{};
}

// "sysctl -n KEY", which fails where the kernel has no such setting.
ShellOutcome outcome_of_sysctl(Words words) {
  std::string key;
  for (const ShellWord& word : words) {
    if (word.text == "-n" || word.text == "-q" || word.text == "-nq" || word.text == "-qn") continue;
    const bool is_key = word.known && !word.text.starts_with('-') && word.text.find('=') == std::string::npos;
    if (!is_key || !key.empty()) return {};
    key = word.text;
  }
  if (key.empty() || key.size() > 200) return {};
  std::replace(key.begin(), key.end(), '.', '/');
  return {.is = Is::if_file, .file = "/" + std::string(kSettings) + key};
}

}  // namespace

bool is_file_of_kernel(std::string_view path) { return path.starts_with('/') && path.substr(1).starts_with("proc/"); }

ShellOutcome outcome_of(const std::vector<ShellWord>& words) {
  constexpr std::array<std::string_view, 7> kSucceed{"true", ":", "echo", "printf", "sleep", "set", "tee"};
  if (words.empty()) return {};
  const Words all(words);
  const std::string_view name = program(all[0]);
  const bool into_kernel = name == "tee" && std::any_of(words.begin(), words.end(), [](const ShellWord& word) {
                             return !word.known || is_file_of_kernel(word.text);
                           });
  if (is_one_of(name, kSucceed) && !into_kernel) return known(true);
  if (name == "false") return known(false);
  const bool looks = name == "which" || name == "hash" || name == "type" ||
                     (name == "command" && words[1 % words.size()].text == "-v");
  if (looks && program(words.back()) == "sysctl") return known(true);
  if (name == "test") return outcome_of_test(all.subspan(1));
  if (name == "sysctl") return outcome_of_sysctl(all.subspan(1));
  const bool brackets = (name == "[" && all.back().text == "]") || (name == "[[" && all.back().text == "]]");
  return brackets ? outcome_of_test(all.subspan(1, all.size() - 2)) : ShellOutcome{};
}

ShellOutcome negated(const ShellOutcome& outcome) {
  if (outcome.is == Is::yes || outcome.is == Is::no) return known(outcome.is == Is::no);
  return {};
}

ShellReach reached_by(const ShellOutcome& outcome, bool wanted) {
  if (outcome.is == Is::if_file) return {.certain = wanted, .only_if = wanted ? outcome.file : ""};
  if (outcome.is == Is::unknown) return {.certain = false};
  const bool runs = (outcome.is == Is::yes) == wanted;
  return {.certain = runs, .dead = !runs};
}

ShellReach both(ShellReach outer, const ShellReach& inner) {
  const bool clash = !outer.only_if.empty() && !inner.only_if.empty() && outer.only_if != inner.only_if;
  outer.certain = outer.certain && inner.certain && !clash;
  outer.dead = outer.dead || inner.dead;
  if (outer.only_if.empty()) outer.only_if = inner.only_if;
  return outer;
}

}  // namespace twctl
