// Each assignment of a setting of ours: why it has no effect, or what it does differently from what it looks like.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/older_ranges.hpp"
#include "catalog/plain_number.hpp"
#include "formats/odd_character.hpp"
#include "rules/audit_rules.hpp"
#include "sysctl/kernel_value.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl::rules {
namespace {

std::size_t numbers_in(const Setting& setting) {
  if (setting.type == ValueType::integer_triple) return 3;
  return setting.type == ValueType::integer_pair ? 2 : 1;
}

bool is_list(const Setting& setting) { return setting.type == ValueType::port_set; }

// Why the kernel refuses it, in the words for people where there are any: "60s is not a whole number: ...".
std::string refusal(const AuditedLine& line) {
  if (is_list(*line.setting)) return line.note;
  for (const std::string_view word : words(line.raw)) {
    if (const auto number = plain_number(word, Os::linux_kernel); !number) {
      const bool base = !word.empty() && word.find_first_not_of("-0123456789abcdefABCDEFxX") == std::string_view::npos;
      if (!base) return number.error().why;
    }
  }
  return line.note;
}

// The value is not said twice: most reasons begin with it.
std::string why_refused(std::string_view raw, const std::string& reason) {
  const bool named = !raw.empty() && (reason.starts_with(escape(raw)) || reason.starts_with(in_quotes(raw)));
  return named ? reason + "." : fmt::format("{}: {}.", in_quotes(raw, kEchoed), reason);
}

// Refused for the value of ip_unprivileged_port_start.
bool starts_below_privileged(const AuditedLine& line) {
  return line.clashes && line.setting->type == ValueType::integer_pair;
}

// The refused lines; of those with a carriage return another rule speaks.
template <class Look>
void for_each_refused(const AuditedFile& file, Look look) {
  for (const AuditedLine& line : file.lines) {
    if (line.fate == Fate::refused && line.raw.find('\r') == std::string::npos) look(line, odd_character_in(line.raw));
  }
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

// Of the value's words the first is a number, or the first two.
bool any_number(const AuditedLine& line, bool (*is)(std::string_view)) {
  std::vector<std::string_view> numbers = words(line.raw);
  numbers.resize(std::min(numbers.size(), numbers_in(*line.setting)));
  return std::any_of(numbers.begin(), numbers.end(), is);
}

// The lines that the kernel takes for another value than it looks. `tell` may say more of one.
void say_taken(
    const AuditedFile& file, FindingSink& found, bool (*is)(const AuditedLine&),
    void (*tell)(const AuditedLine&, Finding&) = [](const AuditedLine&, Finding&) {}) {
  for (const AuditedLine& line : file.lines) {
    if (line.fate != Fate::taken || is_list(*line.setting) || !is(line)) continue;
    tell(line,
         found.add(line.setting->key,
                   fmt::format("{} is {} to the kernel.", in_quotes(line.raw, kEchoed), *line.effective), line.where));
  }
}

// More than a remark: somebody believes that it is set.
void tell_of_lost_line(std::string_view key, Finding& finding) {
  finding.severity = std::max(finding.severity, Severity::warning);
  finding.evidence += fmt::format(" {} is NOT set: one assignment a line.", escape(key.substr(0, kEchoed)));
}

void tell_of_trailing_line(const AuditedLine& line, Finding& finding) {
  const std::string_view key = second_key(line.raw);
  if (key.empty()) return;
  tell_of_lost_line(key, finding);
  finding.advice = "Write each assignment on a line of its own.";
}

bool is_zero(const AuditedLine& line) { return kernel_takes(*line.setting, line.raw, "").value.value_or("") == "0"; }

std::string why_not_there(const AuditedLine& line) { return fmt::format("{}: {}.", line.setting->key, line.note); }

// What the setting ends with for one of the loaders, and by which line.
struct Outcome {
  std::optional<Value> value;
  Place where;
  bool read_by_systemd = false;
};

Outcome outcome(std::span<const AuditedLine> lines, const Setting& setting, Loader loader) {
  Outcome last;
  for (const AuditedLine& line : lines) {
    if (line.setting != &setting) continue;
    if (loader == Loader::procps && line.in_force()) last = {line.effective, line.where, line.read_by_systemd};
    if (loader == Loader::systemd && line.in_force_for_systemd()) {
      last = {line.systemd_differs ? line.effective_systemd : line.effective, line.where, true};
    }
  }
  return last;
}

std::string words_for(const Outcome& outcome) {
  if (!outcome.value) return "leaves the kernel's value";
  return fmt::format("sets {} (line {} of {})", escape(*outcome.value), outcome.where.line, escape(outcome.where.file));
}

// `look(line, winner)` for each line that a later one of its file overrides; nullptr: that one is not in force.
template <class Look>
void for_each_overridden(const AuditedFile& file, Look look) {
  std::map<std::tuple<const Setting*, std::string_view, int>, const AuditedLine*> in_force;
  for (const AuditedLine& line : file.lines) {
    if (line.in_force()) in_force.try_emplace({line.setting, line.where.file, line.where.line}, &line);
  }
  for (const AuditedLine& line : file.lines) {
    const bool same_file = line.overridden_by && line.overridden_by->file == line.where.file;
    if (line.fate != Fate::taken || !same_file || line.wildcard) continue;
    const auto winner = in_force.find({line.setting, line.overridden_by->file, line.overridden_by->line});
    look(line, winner == in_force.end() ? nullptr : winner->second);
  }
}

void say_overridden(const AuditedLine& line, const std::string& winner, FindingSink& found) {
  found.add(
      line.setting->key,
      fmt::format("Line {} sets it to {}, this one to {}.", line.overridden_by->line, winner, escape(*line.effective)),
      line.where);
}

bool has_comment(std::string_view value) {
  return value.find_first_of("#;") != std::string_view::npos || value.find("//") != std::string_view::npos;
}

bool is_decimal(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return is_digits(word);
}

// As many numbers as it takes and nothing else, so that it is refused for what they are.
bool is_well_written(const AuditedLine& line) {
  const std::vector<std::string_view> all = words(line.raw);
  return !is_list(*line.setting) && all.size() == numbers_in(*line.setting) &&
         std::all_of(all.begin(), all.end(), is_decimal);
}

std::string advice_on_range(const Setting& setting, KernelVersion kernel) {
  const auto [least, most] = taken_on(setting, kernel);
  if (setting.type == ValueType::integer_pair) {
    return fmt::format("Write two numbers from {} to {}, the lower one first.", least, most);
  }
  return fmt::format("Write a number from {} to {}.", least, most);
}

// How such a value is written.
std::string_view advice_on_form(const Setting& setting) {
  switch (setting.type) {
    case ValueType::integer_pair:
      return "Write two plain numbers with a blank between them, as 32768 60999.";
    case ValueType::integer_triple:
      return "Write three plain numbers with a blank between them.";
    case ValueType::port_set:
      return "Write ports and ranges with commas and without blanks, as 8080,9000-9010.";
    case ValueType::integer:
    case ValueType::enumeration:
      break;
  }
  return "Write the plain number.";
}

}  // namespace

bool keep_lost_line(std::string_view value, Finding& finding) {
  constexpr std::string_view kWholeLine = "Delete the line";
  const std::string_view key = second_key(value);
  if (key.empty()) return false;
  tell_of_lost_line(key, finding);
  const std::string own = "Write each assignment that is meant on a line of its own";
  if (finding.advice.starts_with(kWholeLine)) {
    finding.advice.replace(0, kWholeLine.size(), own + ", and delete the rest");
  } else {
    finding.advice += (finding.advice.empty() ? "" : " ") + own + ".";
  }
  return true;
}

void value_refused(const AuditedFile& file, FindingSink& found) {
  for_each_refused(file, [&](const AuditedLine& line, const std::string& odd) {
    if (!odd.empty() || starts_below_privileged(line)) return;
    Finding& finding = found.add(line.setting->key, why_refused(line.raw, refusal(line)), line.where);
    finding.advice = is_well_written(line) ? advice_on_range(*line.setting, file.context.kernel())
                                           : std::string(advice_on_form(*line.setting));
    if (line.clashes && line.setting->key == keys::kPrivilegedEnd) {
      finding.advice = "Write at most the low end of ip_local_port_range, or set a higher range in an earlier line.";
    }
    if (!keep_lost_line(line.raw, finding) && has_comment(line.raw))
      finding.advice += " A comment goes on a line of its own.";
  });
}

void odd_character_in_value(const AuditedFile& file, FindingSink& found) {
  for_each_refused(file, [&](const AuditedLine& line, const std::string& odd) {
    if (odd.empty()) return;
    keep_lost_line(line.raw,
                   found.add(line.setting->key, fmt::format("{} in the value {}.", odd, in_quotes(line.raw, kEchoed)),
                             line.where));
  });
}

void ports_below_privileged(const AuditedFile& file, FindingSink& found) {
  for_each_refused(file, [&](const AuditedLine& line, const std::string& odd) {
    if (!odd.empty() || !starts_below_privileged(line)) return;
    keep_lost_line(line.raw, found.add(line.setting->key, why_refused(line.raw, line.note), line.where));
  });
}

void octal_value(const AuditedFile& file, FindingSink& found) {
  say_taken(file, found, [](const AuditedLine& line) { return any_number(line, is_misread_octal); });
}

void hexadecimal_value(const AuditedFile& file, FindingSink& found) {
  say_taken(file, found, [](const AuditedLine& line) { return any_number(line, is_hexadecimal); });
}

void low_end_only(const AuditedFile& file, FindingSink& found) {
  say_taken(file, found, [](const AuditedLine& line) {
    return line.setting->type == ValueType::integer_pair && words(line.raw).size() < numbers_in(*line.setting);
  });
}

void trailing_text(const AuditedFile& file, FindingSink& found) {
  say_taken(
      file, found, [](const AuditedLine& line) { return words(line.raw).size() > numbers_in(*line.setting); },
      tell_of_trailing_line);
}

void removed_key(const AuditedFile& file, FindingSink& found) {
  for (const AuditedLine& line : file.lines) {
    if (line.fate != Fate::removed) continue;
    Finding& finding =
        found.add(line.setting->key, fmt::format("{} {}", why_not_there(line), line.setting->removed_why), line.where);
    if (is_zero(line) || line.ignores_errors) finding.severity = Severity::info;
    keep_lost_line(line.raw, finding);
  }
}

void missing_key(const AuditedFile& file, FindingSink& found) {
  for (const AuditedLine& line : file.lines) {
    if (line.fate != Fate::not_there || line.ignores_errors) continue;
    keep_lost_line(line.raw, found.add(line.setting->key, why_not_there(line), line.where));
  }
}

void overridden_line(const AuditedFile& file, FindingSink& found) {
  for_each_overridden(file, [&](const AuditedLine& line, const AuditedLine* winner) {
    if (winner != nullptr && winner->effective == line.effective) return;
    say_overridden(line, winner == nullptr ? "another value" : escape(*winner->effective), found);
  });
}

void repeated_line(const AuditedFile& file, FindingSink& found) {
  for_each_overridden(file, [&](const AuditedLine& line, const AuditedLine* winner) {
    if (winner == nullptr || winner->effective != line.effective) return;
    say_overridden(line, escape(*winner->effective), found);
  });
}

// What may tell the loaders apart is where they read /etc/sysctl.conf, and not what stands in a line.
void explain_by_place(Finding& finding, const Outcome& procps, const Outcome& systemd) {
  if (procps.where.file != kSysctlConf || systemd.where.file == kSysctlConf) return;
  if (procps.read_by_systemd && systemd.where.file.empty())
    return;  // systemd-sysctl has another reason to pass it over
  finding.meaning = procps.read_by_systemd
                        ? "sysctl reads /etc/sysctl.conf after all other files, systemd-sysctl where a link in "
                          "/etc/sysctl.d has its place by name."
                        : "systemd-sysctl reads /etc/sysctl.conf only through a link in /etc/sysctl.d, and there is "
                          "none here.";
  finding.advice = "Move the line to a file in /etc/sysctl.d, which both read in one order.";
}

void loaders_differ(const AuditedFile& file, FindingSink& found) {
  std::set<const Setting*> seen;
  for (const AuditedLine& line : file.lines) {
    if (!line.systemd_differs || !seen.insert(line.setting).second) continue;
    const Outcome procps = outcome(file.lines, *line.setting, Loader::procps);
    const Outcome systemd = outcome(file.lines, *line.setting, Loader::systemd);
    if (procps.value == systemd.value) continue;
    Finding& finding = found.add(
        line.setting->key,
        fmt::format("{}: sysctl {}; systemd-sysctl {}.", line.setting->key, words_for(procps), words_for(systemd)),
        line.where);
    explain_by_place(finding, procps, systemd);
  }
}

}  // namespace twctl::rules
