// A plan's settings + snapshot and boot files -> hazards. One small pure function a hazard, listed in one table.
#pragma once

#include <vector>

#include "plan/boot_side.hpp"
#include "plan/plan.hpp"

namespace twctl {

[[nodiscard]] std::vector<Hazard> find_hazards(const Plan& plan, const BootSide& side);

}  // namespace twctl
