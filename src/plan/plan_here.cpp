#include "plan/plan_here.hpp"

#include <fmt/format.h>

#include "rules/plan_rules.hpp"

namespace twctl {

namespace {

// A plan is to cost about as much as reading its keys does, on a host of any size.
constexpr std::size_t kMostProcesses = 48;

// On Windows permissions, policy and elevation decide together who may write, and only an attempt tells.
void note_what_apply_lacks(Platform& host, Plan& plan) {
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.writes.empty()) continue;
    const Result<void> allowed = host.settings().check_writable(*planned.setting);
    if (allowed || allowed.error().code != ErrorCode::denied) continue;
    plan.notes.push_back({fmt::format("apply refuses this: {}; {}", allowed.error().message, allowed.error().hint)});
  }
}

}  // namespace

// Counting other namespaces costs a call for each process, so it waits until a plan turns out to need it.
Result<Plan> plan_here(Platform& host, const Desired& desired, const PlanOptions& options) {
  TRY(Snapshot snapshot, observe(host, what_to_observe(desired)));
  TRY(Plan plan, make_plan(desired, snapshot, options));
  if (plan.host.os == Os::windows) note_what_apply_lacks(host, plan);
  if (!needs_other_namespaces(plan.settings)) return plan;
  const OtherNamespaces others = host.other_network_namespaces(kMostProcesses);
  if (others.count == 0) return plan;
  snapshot.other_namespaces = others.count;
  snapshot.more_namespaces = !others.complete;
  return make_plan(desired, snapshot, options);
}

}  // namespace twctl
