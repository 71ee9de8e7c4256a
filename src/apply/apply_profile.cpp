#include "apply/apply_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/intent.hpp"
#include "apply/pending.hpp"
#include "apply/restart.hpp"
#include "apply/transaction.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/journal.hpp"
#include "plan/plan_here.hpp"

namespace twctl {
namespace {

Result<void> refuse_distrusted(const Desired& desired) {
  if (desired.distrusted.empty()) return {};
  return fail(ErrorCode::denied, fmt::format("not applied: {}", join(desired.distrusted, "; ")), desired.mend);
}

// There no value is lost by a restart, so that it could be a way back from a machine that nobody reaches any more.
Result<void> refuse_to_wait(Platform& host) {
  TRY(const HostFacts facts, host.host_facts());
  if (facts.os != Os::windows) return {};
  return fail(
      ErrorCode::unsupported,
      "--confirm-within: not on Windows, where registry values are on disk at once and take effect at a restart",
      "apply without it; until the restart `twctl rollback` takes the change back before it has had any effect");
}

Result<void> refuse_unreadable(const Plan& plan) {
  for (const PlannedSetting& planned : plan.settings) {
    if (!planned.live_verdict || planned.live_verdict->verdict != Verdict::read_only || planned.live) continue;
    return fail(ErrorCode::denied, fmt::format("{}: {}", planned.setting->key, planned.live_verdict->note),
                "without its old value a setting could not be put back, so nothing was changed");
  }
  return {};
}

// Blocking hazards are refusals; a mount that forbids a needed write is a matter of permission.
Result<void> refuse_unfit(const Plan& plan, Platform& host) {
  std::vector<std::string> blocking;
  for (const Hazard& hazard : plan.hazards) {
    if (hazard.blocking && !hazard.accepted) blocking.push_back(fmt::format("{}: {}", hazard.id, hazard.text));
  }
  if (!blocking.empty()) {
    return fail(ErrorCode::refused, join(blocking, "; "), "mend the cause, or accept the risk with --accept ID[:KEY]");
  }
  if (read_only(plan) && plan.host.os == Os::windows) {
    return fail(registry_denial(plan, host.is_superuser()));
  }
  TRY_VOID(refuse_unreadable(plan));
  if (read_only(plan)) {
    return fail(ErrorCode::denied, "a setting that has to change is read-only here",
                "in a container, set it from the runtime; `twctl plan` shows which");
  }
  return {};
}

// All of them once there are too many, else none: what may go depends on all the others.
Result<std::vector<Change>> changes_to_prune(StateStore& store, const OpenJournal& journal) {
  if (journal.damage) return fail(*journal.damage);
  if (journal.folders.size() <= kPrunedAt) return std::vector<Change>();
  return load_changes(store);
}

Result<Change> carry_out(Platform& host, const ApplyRequest& request, const Plan& plan, const OpenJournal& journal) {
  TRY(std::string id, host.random_id());
  const Envelope envelope{.id = std::move(id),
                          .sequence = next_sequence(journal.folders),
                          .author = host.run_facts(),
                          .reason = request.reason};
  std::optional<std::string> boot_file;
  if (plan.scope != Scope::live) {
    TRY(boot_file, host.boot_files().read(plan.boot_file));
  }
  TRY(Intent intent, intent_of(plan, boot_file, envelope));
  if (request.confirm_within) {
    intent.deadline = host.timers().now() + *request.confirm_within;
    intent.deadline_time = intent.author.time + request.confirm_within->count();
  }
  return carry_through(host, std::move(intent));
}

Result<Plan> plan_to_carry_out(Platform& host, const ApplyRequest& request, const Desired& desired) {
  TRY(Plan plan, plan_here(host, desired, request.options));
  if (request.saved) TRY_VOID(check_still_holds(*request.saved, plan));
  TRY_VOID(refuse_unfit(plan, host));
  return plan;
}

Result<ApplyOutcome> apply_desired(Platform& host, const ApplyRequest& request, const Desired& desired) {
  TRY_VOID(refuse_distrusted(desired));
  if (request.confirm_within) TRY_VOID(refuse_to_wait(host));
  TRY(OpenJournal journal, open_journal(host, request.journal));
  if (journal.pending) return fail(awaits_confirmation(host, *journal.pending));
  TRY(const std::vector<Change> old, changes_to_prune(host.state(), journal));
  TRY(Plan plan, plan_to_carry_out(host, request, desired));
  ApplyOutcome outcome{.plan = std::move(plan), .change = {}};
  if (changes_anything(outcome.plan)) {
    TRY_VOID(request.approve(outcome.plan));
    TRY(outcome.change, carry_out(host, request, outcome.plan, journal));
    (void)prune_changes(host.state(), old, kKeptChanges);  // the change stands; the next run prunes
  }
  outcome.restart = restart_awaited(host.state(), journal.facts);
  return outcome;
}

}  // namespace

Result<ApplyOutcome> apply_profile(Platform& host, const ApplyRequest& request) {
  if (request.saved) return apply_desired(host, request, desired_of(*request.saved));
  TRY(const Desired desired, resolve_desired(request.profiles, host.files()));
  return apply_desired(host, request, desired);
}

}  // namespace twctl
