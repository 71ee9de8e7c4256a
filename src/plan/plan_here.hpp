// Platform x Desired -> Plan for this host as it is now. Reads the host, for the most part through observe(); changes
// nothing.
#pragma once

#include "observe/observe.hpp"
#include "plan/plan.hpp"

namespace twctl {

// What make_plan() needs to know of the host. Counting other namespaces costs a call a process, so it is not asked
// for here: where needs_other_namespaces(), fill it in and plan once more, as plan_here() does.
[[nodiscard]] ObserveRequest what_to_observe(const Desired& desired);

// Error: as observe() and make_plan().
[[nodiscard]] Result<Plan> plan_here(Platform& host, const Desired& desired, const PlanOptions& options);

}  // namespace twctl
