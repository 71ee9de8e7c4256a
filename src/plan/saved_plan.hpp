// A plan as `plan -o` saved it -> SavedPlan; that x the plan of this moment -> whether it still holds. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "json/words.hpp"
#include "plan/plan.hpp"
#include "profile/desired.hpp"

namespace twctl {

// What was planned for one setting, and on what grounds.
struct SavedSetting {
  Entry entry;
  std::optional<Value> live;
  std::optional<Value> boot;
  std::optional<Value> desired;
  std::vector<Write> writes;
};

struct SavedPlan {
  HostFacts host;  // its identity: hostname, boot_id, network_namespace
  std::vector<std::string> profiles;
  PlanOptions options;
  std::vector<SavedSetting> settings;
  std::string diff_before;
  std::string diff_after;
};

inline constexpr const char* kPlanAgain = "plan the same again, with -o FILE";

// The words that a plan's document has for them.
inline constexpr std::array kScopeWords = {Word<Scope>{Scope::live, "live"}, Word<Scope>{Scope::boot, "boot"},
                                           Word<Scope>{Scope::both, "both"}};
inline constexpr std::array kLayerWords = {Word<Layer>{Layer::live, "live"}, Word<Layer>{Layer::boot, "boot"}};

// Error: invalid, with `path` as the file: no JSON, no plan, or one that names what no profile could.
[[nodiscard]] Result<SavedPlan> read_plan(std::string_view path, std::string_view bytes);

// The same wishes again, so that they can be planned anew.
[[nodiscard]] Desired desired_of(const SavedPlan& saved);

// Error: refused, if `now` is of another host, another boot or network namespace, or would write anything else;
// invalid, if the plan shows another value to whoever reads it than the one that it writes.
[[nodiscard]] Result<void> check_still_holds(const SavedPlan& saved, const Plan& now);

}  // namespace twctl
