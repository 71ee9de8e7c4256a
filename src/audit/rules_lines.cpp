// Each assignment of a setting of ours: why it has no effect, or what it does otherwise than it looks.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "audit/odd_character.hpp"
#include "audit/rules.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/plain_number.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl::rules {
namespace {

constexpr std::size_t kEchoed = 80;

std::size_t numbers_in(const Setting& setting) { return setting.type == ValueType::integer_pair ? 2 : 1; }

bool is_list(const Setting& setting) { return setting.type == ValueType::port_set; }

// Why the kernel refuses it, in the words for people where there are any: "60s is not a whole number: ...".
std::string refusal(const JudgedLine& line) {
  if (is_list(*line.setting)) return line.note;
  for (const std::string_view word : words(line.raw)) {
    if (const auto number = plain_number(word, Os::linux_kernel); !number) {
      const bool base = !word.empty() && word.find_first_not_of("-0123456789abcdefABCDEFxX") == std::string_view::npos;
      if (!base) return number.error().why;
    }
  }
  return line.note;
}

void judge_refused(const JudgedLine& line, Findings& found) {
  const std::string_view key = line.setting->key;
  if (line.raw.find('\r') != std::string::npos) return;  // the rule about carriage returns has said so
  if (const std::string odd = odd_character_in(line.raw); !odd.empty()) {
    found.push_back(make_finding("odd-character", key, line.where,
                                 fmt::format("{} in the value \"{}\".", odd, escape(line.raw, kEchoed))));
    return;
  }
  const bool privileged = line.clashes && line.setting->type == ValueType::integer_pair;
  const std::string why = privileged ? line.note : refusal(line);
  found.push_back(make_finding(privileged ? "ports-below-privileged" : "value-refused", key, line.where,
                               fmt::format("\"{}\": {}.", escape(line.raw, kEchoed), why)));
}

// "010" is 8; "07" and "00" are what they look like.
bool is_misread_octal(std::string_view word) {
  const std::string_view digits = word.starts_with('-') ? word.substr(1) : word;
  if (digits.size() < 2 || digits[0] != '0') return false;
  if (digits.find_first_not_of("01234567") != std::string_view::npos) return false;
  return digits.find_first_not_of('0') < digits.size() - 1;
}

bool is_hexadecimal(std::string_view word) {
  const std::string_view digits = word.starts_with('-') ? word.substr(1) : word;
  return digits.starts_with("0x") || digits.starts_with("0X");
}

void judge_taken(const JudgedLine& line, Findings& found) {
  if (is_list(*line.setting)) return;
  const std::vector<std::string_view> fields = words(line.raw);
  const std::size_t numbers = std::min(numbers_in(*line.setting), fields.size());
  const auto any = [&](bool (*is)(std::string_view)) {
    return std::any_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(numbers), is);
  };
  const auto say = [&](std::string_view id) {
    found.push_back(
        make_finding(id, line.setting->key, line.where,
                     fmt::format("\"{}\" is {} to the kernel.", escape(line.raw, kEchoed), *line.effective)));
  };
  if (any(is_misread_octal)) say("octal-value");
  if (any(is_hexadecimal)) say("hexadecimal-value");
  if (numbers < numbers_in(*line.setting)) say("low-end-only");
  if (fields.size() > numbers) say("trailing-text");
}

bool is_zero(const JudgedLine& line) { return kernel_takes(*line.setting, line.raw, "").value.value_or("") == "0"; }

void judge_not_there(const JudgedLine& line, Findings& found) {
  const bool removed = line.fate == Fate::removed;
  if (!removed && line.ignores_errors) return;
  Finding finding = make_finding(removed ? "removed-key" : "missing-key", line.setting->key, line.where,
                                 fmt::format("{}: {}.", line.setting->key, line.note));
  if (removed) finding.evidence += fmt::format(" {}", line.setting->removed_why);
  if (removed && (is_zero(line) || line.ignores_errors)) finding.severity = Severity::info;
  found.push_back(std::move(finding));
}

// What the setting ends with for one of the loaders, and by which line.
struct Outcome {
  std::optional<Value> value;
  Place where;
};

Outcome outcome(std::span<const JudgedLine> lines, const Setting& setting, Loader loader) {
  Outcome last;
  for (const JudgedLine& line : lines) {
    if (line.setting != &setting) continue;
    if (loader == Loader::procps && line.in_force()) last = {line.effective, line.where};
    if (loader == Loader::systemd && line.in_force_for_systemd()) {
      last = {line.systemd_differs ? line.effective_systemd : line.effective, line.where};
    }
  }
  return last;
}

std::string words_for(const Outcome& outcome) {
  if (!outcome.value) return "leaves the kernel's value";
  return fmt::format("makes it {} (line {} of {})", escape(*outcome.value), outcome.where.line,
                     escape(outcome.where.file));
}

}  // namespace

void assignments(std::span<const JudgedLine> lines, Findings& found) {
  for (const JudgedLine& line : lines) {
    if (line.fate == Fate::refused) judge_refused(line, found);
    if (line.fate == Fate::taken) judge_taken(line, found);
    if (line.fate == Fate::not_there || line.fate == Fate::removed) judge_not_there(line, found);
  }
}

void repeated(std::span<const JudgedLine> lines, Findings& found) {
  for (const JudgedLine& line : lines) {
    const bool same_file = line.overridden_by && line.overridden_by->file == line.where.file;
    if (line.fate != Fate::taken || !same_file || line.wildcard) continue;
    const auto winner = std::find_if(lines.begin(), lines.end(), [&](const JudgedLine& other) {
      return other.setting == line.setting && other.where == *line.overridden_by && other.in_force();
    });
    const bool same = winner != lines.end() && winner->effective == line.effective;
    found.push_back(make_finding(
        same ? "repeated-line" : "overridden-line", line.setting->key, line.where,
        fmt::format("Line {} sets it to {}, this one to {}.", line.overridden_by->line,
                    winner == lines.end() ? "another value" : escape(*winner->effective), escape(*line.effective))));
  }
}

void loaders_differ(std::span<const JudgedLine> lines, Findings& found) {
  std::set<const Setting*> settled;
  for (const JudgedLine& line : lines) {
    if (!line.systemd_differs || !settled.insert(line.setting).second) continue;
    const Outcome procps = outcome(lines, *line.setting, Loader::procps);
    const Outcome systemd = outcome(lines, *line.setting, Loader::systemd);
    if (procps.value == systemd.value) continue;
    found.push_back(make_finding("loaders-differ", line.setting->key, line.where,
                                 fmt::format("sysctl {}; systemd-sysctl {}.", words_for(procps), words_for(systemd))));
  }
}

}  // namespace twctl::rules
