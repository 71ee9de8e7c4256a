#include "plan/plan_here.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/keys.hpp"
#include "rules/plan_rules.hpp"

namespace twctl {
namespace {

// A hazard of `asked` looks at `also`.
struct Pair {
  std::string_view asked;
  std::string_view also;
};
constexpr std::array kPairs{
    Pair{keys::kTwReuse, keys::kTimestamps},       Pair{keys::kTimestamps, keys::kTwReuse},
    Pair{keys::kMaxSynBacklog, keys::kSyncookies}, Pair{keys::kPortRange, keys::kReservedPorts},
    Pair{keys::kPortRange, keys::kPrivilegedEnd},  Pair{keys::kPrivilegedEnd, keys::kPortRange},
};

void add(std::vector<const Setting*>& all, const Setting* setting) {
  if (setting != nullptr && std::find(all.begin(), all.end(), setting) == all.end()) all.push_back(setting);
}

// A key that may be gone is looked at even if nobody asks for it: a boot file may still name it.
void add_removed(std::vector<const Setting*>& all) {
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.removed != KernelVersion{}) add(all, &setting);
  }
}

// What old guides have left there, whatever the profiles ask for.
void add_registry(ObserveRequest& request) {
  for (const Setting& setting : settings(Os::windows)) add(request.settings, &setting);
  request.strays = true;
}

bool is_for_windows(const Entry& entry) { return entry.setting->os == Os::windows; }

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

ObserveRequest what_to_observe(const Desired& desired) {
  ObserveRequest request;
  for (const Entry& entry : desired.entries) {
    add(request.settings, entry.setting);
    for (const auto& [asked, also] : kPairs) {
      if (entry.setting->key == asked) add(request.settings, find_setting(Os::linux_kernel, also));
    }
    request.tcp_hash_entries |= entry.setting->key == keys::kMaxTwBuckets;
    request.listening_ports |= entry.setting->key == keys::kPortRange;
  }
  const bool windows = std::any_of(desired.entries.begin(), desired.entries.end(), is_for_windows);
  if (windows) add_registry(request);
  if (!windows) add_removed(request.settings);
  return request;
}

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
