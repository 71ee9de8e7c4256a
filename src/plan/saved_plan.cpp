#include "plan/saved_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr const char* kPlanAgain = "make the plan again: twctl plan -o FILE";

std::string shown(const std::optional<Value>& value) { return value ? escape(*value) : "absent"; }

Result<void> check_host(const HostFacts& then, const HostFacts& now) {
  if (then.hostname != now.hostname) {
    return fail(ErrorCode::refused,
                fmt::format("the plan was made for {}, and this is {}", then.hostname, now.hostname), kPlanAgain);
  }
  if (then.boot_id != now.boot_id) {
    return fail(ErrorCode::refused, "this host has booted since the plan was made, or only has the same name",
                kPlanAgain);
  }
  if (then.network_namespace != now.network_namespace) {
    return fail(ErrorCode::refused, "the plan was made in another network namespace", kPlanAgain);
  }
  return {};
}

// "" if nothing has moved.
std::string what_moved(const SavedSetting& then, const PlannedSetting& now) {
  const std::string_view key = now.setting->key;
  if (then.live != now.live) return fmt::format("{} is {}, no longer {}", key, shown(now.live), shown(then.live));
  if (then.boot != now.boot) {
    return fmt::format("the next boot would set {} to {}, no longer {}", key, shown(now.boot), shown(then.boot));
  }
  return then.writes == now.writes ? "" : fmt::format("{} would be written otherwise", key);
}

}  // namespace

Desired desired_of(const SavedPlan& saved) {
  Desired desired;
  desired.names = saved.profiles;
  for (const SavedSetting& setting : saved.settings) desired.entries.push_back(setting.entry);
  return desired;
}

Result<void> check_still_holds(const SavedPlan& saved, const Plan& now) {
  TRY_VOID(check_host(saved.host, now.host));
  std::vector<std::string> moved;
  for (const SavedSetting& then : saved.settings) {
    const auto planned = std::find_if(now.settings.begin(), now.settings.end(), [&](const PlannedSetting& setting) {
      return setting.setting == then.entry.setting;
    });
    const std::string what = planned == now.settings.end()
                                 ? fmt::format("{} is not for this host", then.entry.setting->key)
                                 : what_moved(then, *planned);
    if (!what.empty()) moved.push_back(what);
  }
  if (moved.empty()) return {};
  return fail(ErrorCode::refused, "the host has moved since the plan was made: " + join(moved, "; "), kPlanAgain);
}

}  // namespace twctl
