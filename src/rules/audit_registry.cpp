// Registry values that we know: of a Windows host, or as a .reg file writes them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/older_ranges.hpp"
#include "rules/audit_rules.hpp"

namespace twctl {
namespace {

// What Windows makes of a number that it reads.
bool is_read(const RegistryEntry& entry) { return entry.setting->writable && entry.no_effect.empty(); }

bool is_out_of_range(const RegistryEntry& entry, KernelVersion build) {
  const std::int64_t number = as_integer(entry.value).value_or(0);
  const auto [least, most] = taken_on(*entry.setting, build);
  return number < least || number > most;
}

void no_effect(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryEntry& entry : registry.entries) {
    if (!entry.setting->writable || entry.no_effect.empty()) continue;
    Finding& finding = found.add(entry.setting->key, entry.no_effect, entry.where);
    if (entry.perhaps_read) finding.severity = Severity::warning;
    if (!entry.advice.empty()) finding.advice = entry.advice;
  }
}

// A file without the line takes nothing out of the registry of a host that has imported it.
constexpr std::string_view kDeleteImported =
    "Delete it. Where the file has been imported the value stays: there import \"NAME\"=- under its key, or run "
    "`reg delete` with /v NAME.";

// It is so everywhere: no place is the right one.
void obsolete(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryEntry& entry : registry.entries) {
    if (entry.setting->writable) continue;
    const std::string what = entry.no_effect.empty() ? std::string(entry.setting->summary) : entry.no_effect;
    Finding& finding = found.add(entry.setting->key, fmt::format("{} {}", what, entry.setting->does_not), entry.where);
    if (!registry.path.empty()) finding.advice = kDeleteImported;
  }
}

void out_of_range(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryEntry& entry : registry.entries) {
    if (!is_read(entry) || !is_out_of_range(entry, registry.build)) continue;
    const auto [least, most] = taken_on(*entry.setting, registry.build);
    found.add(entry.setting->key, fmt::format("{} is outside {} to {}.", escape(entry.value), least, most),
              entry.where);
  }
}

void time_wait_short(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryEntry& entry : registry.entries) {
    const std::int64_t number = as_integer(entry.value).value_or(0);
    const bool is_delay = entry.setting->key == keys::kTimedWaitDelay;
    if (!is_delay || !is_read(entry) || is_out_of_range(entry, registry.build) || number >= kShortTimedWait) continue;
    found.add(entry.setting->key, fmt::format("TIME_WAIT of {} s.", number), entry.where);
  }
}

// They lie in one registry key, so an account that may not read one of them reads none: one finding for all.
void unreadable(const AuditedRegistry& registry, FindingSink& found) {
  constexpr std::size_t kNamed = 1;
  const std::vector<std::string>& denied = registry.denied;
  if (denied.empty()) return;
  found.add(denied.front(), fmt::format("{}: {}.", listed(denied, kNamed), registry.why_denied));
}

void refused(const AuditedRegistry& registry, FindingSink& found) {
  const RegistryText& text = registry.text;
  if (text.bad_header == 0) return;
  found.add("", fmt::format("It begins with {}.", in_quotes(text.header, kEchoed)), {registry.path, text.bad_header});
}

void key_deleted(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryLine& line : registry.text.lines) {
    if (line.value || !line.deletes || !holds_parameters(line.key)) continue;
    found.add("", fmt::format("[{}] takes away every value below it.", escape("-" + line.key, kEchoed)),
              {registry.path, line.line});
  }
}

void misspelt(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryLine& line : registry.text.lines) {
    const bool counts = line.place == RegistryPlace::parameters || line.place == RegistryPlace::interfaces;
    if (!line.value || !counts || find_setting(Os::windows, line.value->name) != nullptr) continue;
    const Setting* near = find_setting(Os::windows, nearest_key(Os::windows, line.value->name));
    if (near == nullptr || !near->writable) continue;
    found.add(near->key, fmt::format("{}: did you mean {}?", in_quotes(line.value->name, kEchoed), near->key),
              {registry.path, line.line});
  }
}

// A round number hints at somebody who meant it in decimal.
void hexadecimal(const AuditedRegistry& registry, FindingSink& found) {
  for (const RegistryEntry& entry : registry.entries) {
    const std::string_view digits = dword_digits(entry.data);
    const bool odd = entry.data.starts_with("dword:") && is_digits(digits) && digits != entry.value;
    if (!odd || !is_read(entry)) continue;
    Finding& finding = found.add(
        entry.setting->key, fmt::format("{} is {} in decimal.", escape(entry.data, kEchoed), entry.value), entry.where);
    if (digits.ends_with('0')) finding.severity = Severity::warning;
  }
}

// The overridden lines whose value the later one leaves as it is, or those that it changes.
void say_overridden(const AuditedRegistry& registry, FindingSink& found, bool same) {
  const auto shown = [](const std::optional<Value>& value) { return value ? "sets it to " + *value : "deletes it"; };
  std::map<int, const AuditedLine*> by_line;
  for (const AuditedLine& line : registry.lines) by_line.try_emplace(line.where.line, &line);
  for (const AuditedLine& line : registry.lines) {
    if (!line.overridden_by) continue;
    const AuditedLine* winner = by_line.at(line.overridden_by->line);
    if ((winner->effective == line.effective) != same) continue;
    found.add(
        line.setting->key,
        fmt::format("Line {} {}, this one {}.", winner->where.line, shown(winner->effective), shown(line.effective)),
        line.where);
  }
}

void overridden(const AuditedRegistry& registry, FindingSink& found) { say_overridden(registry, found, false); }

void repeated(const AuditedRegistry& registry, FindingSink& found) { say_overridden(registry, found, true); }

constexpr std::array kRegistryRules{
    Rule<AuditedRegistry>{"reg-no-effect", no_effect},
    Rule<AuditedRegistry>{"reg-obsolete", obsolete},
    Rule<AuditedRegistry>{"reg-out-of-range", out_of_range},
    Rule<AuditedRegistry>{"reg-time-wait-short", time_wait_short},
    Rule<AuditedRegistry>{"reg-unreadable", unreadable},
};

constexpr std::array kRegFileRules{
    Rule<AuditedRegistry>{"reg-refused", refused},
    Rule<AuditedRegistry>{"reg-key-deleted", key_deleted},
    Rule<AuditedRegistry>{"reg-no-effect", no_effect},
    Rule<AuditedRegistry>{"reg-misspelt", misspelt},
    Rule<AuditedRegistry>{"reg-obsolete", obsolete},
    Rule<AuditedRegistry>{"reg-out-of-range", out_of_range},
    Rule<AuditedRegistry>{"reg-time-wait-short", time_wait_short},
    Rule<AuditedRegistry>{"reg-hexadecimal", hexadecimal},
    Rule<AuditedRegistry>{"reg-overridden", overridden},
    Rule<AuditedRegistry>{"reg-repeated", repeated},
};

}  // namespace

std::span<const Rule<AuditedRegistry>> registry_rules() { return kRegistryRules; }

std::span<const Rule<AuditedRegistry>> reg_file_rules() { return kRegFileRules; }

}  // namespace twctl
