#include "apply/rollback.hpp"

#include <fmt/format.h>

#include "apply/journal.hpp"
#include "apply/transaction.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

Result<std::optional<Value>> value_now(Platform& host, const std::string& key) {
  TRY(const LiveValue live, host.settings().read(*find_setting(Os::linux_kernel, key)));
  if (live.state == LiveValue::State::present) return std::optional(live.value);
  if (live.state == LiveValue::State::absent) return std::optional<Value>();
  return fail(ErrorCode::denied, fmt::format("{} cannot be read: {}", key, escape(live.problem)));
}

Result<Present> look(Platform& host, const std::vector<Change>& chosen) {
  Present present;
  for (const Change& change : chosen) {
    for (const SettingChange& setting : change.intent.settings) {
      TRY(present.settings[setting.key], value_now(host, setting.key));
    }
    for (const FileChange& file : change.intent.files) {
      TRY(present.files[file.path], host.boot_files().read(file.path));
    }
  }
  return present;
}

// Live values of a network namespace that is no more need no rollback; of another one that lives, they are not in
// reach from here.
Result<void> bring_into_reach(Platform& host, const HostFacts& facts, std::vector<Change>& chosen) {
  for (Change& change : chosen) {
    const Habitat& habitat = change.intent.habitat;
    if (habitat.boot_id != facts.boot_id || habitat.network_namespace == facts.network_namespace) continue;
    if (host.namespace_exists(habitat.network_namespace)) {
      return fail(
          ErrorCode::refused, fmt::format("the values of change {} lie in another network namespace", change.intent.id),
          habitat.netns.empty() ? "run the rollback inside it" : fmt::format("add: --netns {}", escape(habitat.netns)));
    }
    change.intent.settings.clear();
  }
  return {};
}

Result<void> refuse_conflicts(const RollbackPlan& plan) {
  if (plan.conflicts.empty()) return {};
  std::vector<std::string> list;
  for (const Conflict& conflict : plan.conflicts) {
    list.push_back(conflict.found.empty() ? conflict.what
                                          : fmt::format("{} is {}", conflict.what, escape(conflict.found)));
  }
  return fail(ErrorCode::refused, fmt::format("changed by somebody else since: {}", join(list, "; ")),
              "look who did it; --force KEY overwrites a value, --to ID undoes later changes of twctl too");
}

Result<Change> carry_out(Platform& host, const RollbackOptions& options, const RollbackPlan& plan,
                         const OpenJournal& journal) {
  TRY(std::string id, host.random_id());
  return carry_through(host, Intent{.id = std::move(id),
                                    .sequence = journal.changes.back().intent.sequence + 1,
                                    .kind = ChangeKind::rollback,
                                    .undoes = plan.undoes,
                                    .author = host.run_facts(),
                                    .reason = options.reason,
                                    .profiles = {},
                                    .accepted = options.request.force,
                                    .habitat = {journal.facts.boot_id, journal.facts.network_namespace, options.netns},
                                    .settings = plan.settings,
                                    .files = plan.files});
}

}  // namespace

Result<RollbackOutcome> roll_back_changes(Platform& host, const RollbackOptions& options) {
  TRY(const OpenJournal journal, open_journal(host, options.lock_wait));
  TRY(std::vector<Change> chosen, chosen_changes(journal.changes, options.request));
  TRY_VOID(bring_into_reach(host, journal.facts, chosen));
  TRY(const Present present, look(host, chosen));
  RollbackOutcome outcome{
      .plan = plan_rollback(chosen, present, options.request.force), .recoveries = journal.recoveries, .change = {}};
  if (outcome.plan.undoes.empty()) return outcome;
  TRY_VOID(refuse_conflicts(outcome.plan));
  if (options.dry_run) return outcome;
  TRY_VOID(options.approve(outcome.plan));
  TRY(outcome.change, carry_out(host, options, outcome.plan, journal));
  return outcome;
}

}  // namespace twctl
