#include <fmt/format.h>

#include "audit/rules.hpp"
#include "base/escape.hpp"
#include "catalog/older_ranges.hpp"

namespace twctl::rules {
namespace {

constexpr std::string_view kDelay = "TcpTimedWaitDelay";
constexpr std::int64_t kShort = 30;  // the least of every version's documented range

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
  if (setting.key == kDelay && number < kShort) say("reg-time-wait-short", fmt::format("TIME_WAIT of {} s.", number));
}

}  // namespace twctl::rules
