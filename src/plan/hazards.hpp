// A plan's settings + snapshot -> hazards. One small pure function a hazard, listed in one table.
#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace twctl {

[[nodiscard]] std::vector<Hazard> find_hazards(const Plan& plan, const Snapshot& snapshot);

}  // namespace twctl
