// A plan as `plan -o` saved it x the plan of this moment -> whether it still holds. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "profile/desired.hpp"

namespace twctl {

// What was planned for one setting, and on what grounds.
struct SavedSetting {
  Entry entry;
  std::optional<Value> live;
  std::optional<Value> boot;
  std::vector<Write> writes;
};

struct SavedPlan {
  HostFacts host;  // its identity: hostname, boot_id, network_namespace
  std::vector<std::string> profiles;
  PlanOptions options;
  std::vector<SavedSetting> settings;
};

// The same wishes again, so that they can be planned anew.
[[nodiscard]] Desired desired_of(const SavedPlan& saved);

// Error: refused, if `now` is of another host, another boot or network namespace, or would write anything else.
[[nodiscard]] Result<void> check_still_holds(const SavedPlan& saved, const Plan& now);

}  // namespace twctl
