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

// For a plan that is only shown: whether apply, which opens the journal before it plans, would be refused there.
void judge_state(Platform& host, Plan& plan);

}  // namespace twctl
