#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/escape.hpp"
#include "catalog/keys.hpp"
#include "catalog/older_ranges.hpp"
#include "catalog/registry_value.hpp"
#include "rules/availability.hpp"
#include "rules/plan_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::size_t kWishEchoed = 60;

std::int64_t wished_delay(const PlanView& plan) {
  const std::optional<Value> value = plan.wished(Layer::live, keys::kTimedWaitDelay);
  return value ? as_integer(*value).value_or(0) : 0;
}

bool taken_here(const PlanView& plan, std::int64_t value) {
  const Range range = taken_on(*find_setting(Os::windows, keys::kTimedWaitDelay), plan.facts().kernel);
  return value >= range.min && value <= range.max;
}

// "" for a REG_DWORD of four bytes, which is a plain number here.
std::string_view type_name(std::string_view value) {
  constexpr std::string_view kNames[] = {"REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY",
                                         "a REG_DWORD that is not four bytes long"};
  const std::optional<RegistryBytes> kept = to_registry(value);
  if (!kept || as_integer(to_value(*kept))) return "";
  if (kept->type < std::size(kNames)) return kNames[kept->type];
  return kept->type == 7 ? "REG_MULTI_SZ" : kept->type == 11 ? "REG_QWORD" : "another type";
}

std::string wrong_type_text(const PlannedSetting& planned) {
  const bool replaced = !planned.writes.empty() && planned.writes.front().after.has_value();
  return fmt::format(
      "What stands there is {} ({}); the value is documented as a REG_DWORD of four bytes. apply {}, and rollback puts "
      "back what stands there.",
      type_name(*planned.live), escape(*planned.live, kWishEchoed), replaced ? "replaces it" : "takes it away");
}

std::string live_text(const LiveValue& live) {
  return live.state == LiveValue::State::present ? escape(live.value, kWishEchoed) : "A value that cannot be read";
}

}  // namespace

void add_slips(const PlanView& plan, FindingSink& found) {
  for (const Slip& slip : plan.slips) {
    if (slip.hazard != found.row().id) continue;
    found.add(slip.setting->key, fmt::format("{}: {}", place_text(slip.where), slip.text));
  }
}

void out_of_range(const PlanView& plan, FindingSink& found) {
  const std::int64_t value = wished_delay(plan);
  if (value == 0 || taken_here(plan, value)) return;
  found.add(keys::kTimedWaitDelay, fmt::format("This is Windows {}, which is documented to take 30 to 300 s: 2 to 29 "
                                               "came with Windows 8.1 and Server 2012 R2 (build 9600). What it makes "
                                               "of {} is not known.",
                                               kernel_name(plan.facts()), value));
}

void time_wait_short(const PlanView& plan, FindingSink& found) {
  const std::int64_t value = wished_delay(plan);
  if (value == 0 || value >= kShortTimedWait || !taken_here(plan, value)) return;
  found.add(keys::kTimedWaitDelay,
            fmt::format("With {} s a late segment of an old connection can reach the next one on the same addresses "
                        "and ports, and a peer whose last ACK was lost gets a reset.",
                        value));
}

void wrong_type(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    const bool odd = planned.live && !type_name(*planned.live).empty() && !planned.writes.empty();
    if (odd) found.add(planned.setting->key, wrong_type_text(planned));
  }
}

void obsolete_value(const PlanView& plan, FindingSink& found) {
  for (const Setting& setting : settings(Os::windows)) {
    const LiveValue& live = live_value(setting, plan.host.snapshot);
    const bool there = live.state == LiveValue::State::present || live.state == LiveValue::State::unreadable;
    if (setting.writable || !there) continue;
    found.add(setting.key, fmt::format("{} stands in this registry. {}", live_text(live), setting.does_not));
  }
  add_slips(plan, found);
}

// One for each setting, however many interfaces have it. An obsolete one is not told to go where it does harm.
void without_effect(const PlanView& plan, FindingSink& found) {
  for (const Setting& setting : settings(Os::windows)) {
    const auto& strays = plan.host.snapshot.strays;
    const auto same = [&](const StrayValue& stray) { return stray.key == setting.key; };
    const auto first = std::find_if(strays.begin(), strays.end(), same);
    if (first == strays.end() || !setting.writable) continue;
    const auto others = std::count_if(std::next(first), strays.end(), same);
    const std::string more = others > 0 ? fmt::format(" and at {} more places", others) : "";
    found.add(setting.key, fmt::format("{} stands in {}{}, where Windows does not read it.", live_text(first->live),
                                       first->place, more));
  }
  add_slips(plan, found);
}

void hexadecimal(const PlanView& plan, FindingSink& found) { add_slips(plan, found); }

void restart_needed(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.writes.empty() || planned.setting->takes_effect != TakesEffect::restart) continue;
    found.add(planned.setting->key,
              "The registry has the value at once; Windows takes it at its next start. Until then TIME_WAIT lasts as "
              "long as it does now, and so after a rollback.");
  }
}

void container(const PlanView& plan, FindingSink& found) {
  const std::string kind = escape(plan.facts().container);
  if (kind.empty()) return;
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.writes.empty()) continue;
    found.add(planned.setting->key,
              fmt::format("This is a {}. If it shares the kernel of its host (process isolation), TIME_WAIT is that "
                          "kernel's, and a value in the container's own registry likely changes nothing.",
                          kind));
  }
}

}  // namespace twctl::rules
