#include <fmt/format.h>

#include "audit/rules.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/older_ranges.hpp"

namespace twctl::rules {
namespace {

constexpr std::size_t kEchoed = 80;
constexpr std::size_t kMostNamed = 3;

std::string stray_text(const StrayValue& stray) {
  const bool read = stray.live.state == LiveValue::State::present;
  return fmt::format("{} in {}", read ? escape(stray.live.value, kEchoed) : "what cannot be read",
                     escape(stray.place, kEchoed));
}

// "It is not read under Interfaces: 30 in Interfaces\{...} and 4 more."; "" for none.
std::string strays_text(const std::vector<StrayValue>& strays, const Setting& setting) {
  std::vector<std::string> texts;
  for (const StrayValue& stray : strays) {
    if (stray.key == setting.key) texts.push_back(stray_text(stray));
  }
  if (texts.empty()) return "";
  return fmt::format("It is not read under Interfaces: {}.", listed(texts, kMostNamed));
}

}  // namespace

void registry_number(const Setting& setting, const Value& value, const Place& where, KernelVersion build,
                     Findings& found) {
  const auto say = [&](std::string_view id, std::string what) {
    found.push_back(make_finding(id, setting.key, where, std::move(what)));
  };
  if (!setting.writable) return say("reg-obsolete", fmt::format("{} {}", setting.summary, setting.does_not));
  const std::int64_t number = as_integer(value).value_or(0);
  const auto [least, most] = taken_on(setting, build);
  if (number < least || number > most) {
    return say("reg-out-of-range", fmt::format("{} is outside {} to {}.", escape(value), least, most));
  }
  if (setting.key == keys::kTimedWaitDelay && number < kShortTimedWait)
    say("reg-time-wait-short", fmt::format("TIME_WAIT of {} s.", number));
}

// One finding a setting, however many interfaces have it. What is obsolete is so everywhere: no place is the right one.
void strays(const std::vector<StrayValue>& strays, Findings& found) {
  for (const Setting& setting : settings(Os::windows)) {
    std::string text = strays_text(strays, setting);
    if (text.empty()) continue;
    if (!setting.writable) text += fmt::format(" {}", setting.does_not);
    found.push_back(
        make_finding(setting.writable ? "reg-no-effect" : "reg-obsolete", setting.key, {}, std::move(text)));
  }
}

}  // namespace twctl::rules
