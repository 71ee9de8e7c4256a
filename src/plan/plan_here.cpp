#include "plan/plan_here.hpp"

namespace twctl {

// Counting other namespaces walks every process, so it waits until a plan turns out to need it.
Result<Plan> plan_here(Platform& host, const Desired& desired, const PlanOptions& options) {
  TRY(Snapshot snapshot, observe(host, what_to_observe(desired)));
  TRY(Plan plan, make_plan(desired, snapshot, options));
  if (!needs_other_namespaces(plan)) return plan;
  snapshot.other_namespaces = host.other_network_namespaces();
  if (snapshot.other_namespaces == 0) return plan;
  return make_plan(desired, snapshot, options);
}

}  // namespace twctl
