// Platform x Desired -> Plan for this host as it is now. Reads the host through observe(), changes nothing.
#pragma once

#include "plan/plan.hpp"

namespace twctl {

// Error: as observe() and make_plan().
[[nodiscard]] Result<Plan> plan_here(Platform& host, const Desired& desired, const PlanOptions& options);

}  // namespace twctl
