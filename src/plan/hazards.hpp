// A plan's settings + snapshot and boot files -> hazards. One small pure function a hazard, listed in one table.
#pragma once

#include <string_view>
#include <vector>

#include "plan/boot_side.hpp"
#include "plan/plan.hpp"

namespace twctl {

[[nodiscard]] std::vector<Hazard> find_hazards(const Plan& plan, const BootSide& side, const std::vector<Slip>& slips);

// The ids of every hazard that can be found, in the order in which a plan lists them.
[[nodiscard]] std::vector<std::string_view> findable_hazards();

}  // namespace twctl
