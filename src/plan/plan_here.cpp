#include "plan/plan_here.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/keys.hpp"
#include "observe/observe.hpp"
#include "plan/refusal.hpp"
#include "rules/plan_rules.hpp"
#include "sysctl/boot_limits.hpp"

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
    Pair{keys::kReservedPorts, keys::kPortRange},  Pair{keys::kPortRange, keys::kPrivilegedEnd},
    Pair{keys::kPrivilegedEnd, keys::kPortRange},
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

// A plan is to cost about as much as reading its keys does, on a host of any size.
constexpr std::size_t kMostProcesses = 48;

// On Windows permissions, policy and elevation decide together who may write, and only an attempt tells.
void note_what_apply_lacks(Platform& host, Plan& plan) {
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.writes.empty()) continue;
    const Result<void> allowed = host.settings().check_writable(*planned.setting);
    if (allowed || allowed.error().code != ErrorCode::denied) continue;
    plan.notes.push_back(refusal_note(fmt::format("{}; {}", allowed.error().message, allowed.error().hint)));
  }
}

// No run after this one would read them.
Result<void> check_still_read(const std::vector<BootFile>& files) {
  Result<void> read = check_boot_limits(files);
  if (read) return read;
  return fail(ErrorCode::invalid, "with what is to be written, " + read.error().message,
              "take out of them what nobody needs");
}

// What apply would meet when it writes the boot file: it is seen on the host itself, not in a snapshot. Error: as
// there.
Result<std::string> look_at_boot_file(BootFileStore& store, const Plan& plan, const std::vector<BootFile>& files) {
  TRY(std::string doubt, store.check_writable(plan.boot_file, size_of(plan.boot_after.value_or(std::nullopt))));
  TRY(const std::optional<std::string> before, store.read(plan.boot_file));
  TRY(const std::optional<std::string> after, boot_file_after(plan, before));
  TRY_VOID(check_still_read(with_file(files, plan.boot_file, after)));
  return doubt;
}

// Plan says what apply would. A captured host's files are copies, which nobody is to write.
void judge_boot_file(Platform& host, Plan& plan, const std::vector<BootFile>& files) {
  if (plan.host.captured || boot_lines(plan).empty()) return;
  const Result<std::string> looked = look_at_boot_file(host.boot_files(), plan, files);
  if (looked && !looked->empty()) plan.notes.push_back({*looked});
  if (looked) return;
  plan.boot_refusal = looked.error();
  for (PlannedSetting& planned : plan.settings) {
    if (planned.write_in(Layer::boot) == nullptr) continue;
    std::erase_if(planned.writes, [](const Write& write) { return write.layer == Layer::boot; });
    if (planned.boot_verdict->verdict == Verdict::change) {
      planned.boot_verdict = {Verdict::read_only, looked.error().message};
    }
  }
}

}  // namespace

ObserveRequest what_to_observe(const Desired& desired) {
  ObserveRequest request{.settings = {}, .likely_kernel = true};
  for (const Entry& entry : desired.entries) {
    add(request.settings, entry.setting);
    for (const auto& [asked, also] : kPairs) {
      if (entry.setting->key == asked) add(request.settings, find_setting(Os::linux_kernel, also));
    }
    request.tcp_hash_entries |= entry.setting->key == keys::kMaxTwBuckets;
    request.listening_ports |= entry.setting->key == keys::kPortRange;
  }
  const bool windows = std::any_of(desired.entries.begin(), desired.entries.end(),
                                   [](const Entry& entry) { return entry.setting->os == Os::windows; });
  if (windows) add_registry(request);
  if (!windows) add_removed(request.settings);
  return request;
}

// Counting other namespaces costs a call for each process, so it waits until a plan turns out to need it.
Result<Plan> plan_here(Platform& host, const Desired& desired, const PlanOptions& options) {
  ObserveRequest request = what_to_observe(desired);
  request.boot_alone = options.scope == Scope::boot;
  TRY(Snapshot snapshot, observe(host, request));
  TRY(Plan plan, make_plan(desired, snapshot, options));
  if (plan.host.os == Os::windows) note_what_apply_lacks(host, plan);
  const OtherNamespaces others =
      needs_other_namespaces(plan.settings) ? host.other_network_namespaces(kMostProcesses) : OtherNamespaces{};
  if (others.count != 0) {
    snapshot.other_namespaces = others.count;
    snapshot.more_namespaces = !others.complete;
    TRY(plan, make_plan(desired, snapshot, options));
  }
  if (!host.run().facts().elevated) forgive_want_of_rights(plan);
  judge_boot_file(host, plan, snapshot.boot_files);
  return plan;
}

// A failure without a hint is want of memory or descriptors, which is this run's own. A captured host's state directory
// is a copy, in which nobody is to record anything.
void judge_state(Platform& host, Plan& plan) {
  if (plan.host.captured) return;
  Result<void> usable = host.state().check_usable(StateStore::Caller::root);
  if (!usable && usable.error().code == ErrorCode::failed && usable.error().hint.empty()) return;
  if (usable) usable = check_identified(plan.host);
  if (usable) return;
  plan.state_refusal = usable.error();
  plan.notes.push_back(refusal_note(usable.error().message));
}

}  // namespace twctl
