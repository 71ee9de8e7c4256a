#include "apply/rollback.hpp"

#include <fmt/format.h>

#include "apply/habitat.hpp"
#include "apply/journal.hpp"
#include "apply/pending.hpp"
#include "apply/restart.hpp"
#include "apply/transaction.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

Result<std::optional<Value>> value_now(Platform& host, const std::string& key) {
  TRY(const LiveValue live, host.settings().read(*find_setting(key)));
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

// Live values of a network namespace that is no more need no rollback, nor do those that no boot file has carried over
// a boot; of another namespace that lives, they are not in reach from here.
Result<void> bring_into_reach(Platform& host, const HostFacts& facts, std::vector<Change>& chosen) {
  for (Change& change : chosen) {
    const Whereabouts where = find_values(host, facts, change.intent.habitat);
    if (where == Whereabouts::elsewhere) {
      return fail(out_of_reach(change.intent.habitat, fmt::format("change {} cannot be undone here", change.intent.id),
                               "twctl rollback"));
    }
    const bool lost = where == Whereabouts::restarted && change.intent.files.empty();
    if (where == Whereabouts::gone || lost) change.intent.settings.clear();
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

// What a dry run looks at: without the lock, and without the recovery that would change something.
Result<OpenJournal> read_journal(Platform& host) {
  OpenJournal journal;
  TRY(journal.facts, host.host_facts());
  TRY(journal.changes, load_changes(host.state()));
  for (const Change& change : journal.changes) {
    if (is_finished(change)) continue;
    if (is_pending(host, journal.facts, change)) {
      journal.pending = change;
      continue;
    }
    return fail(ErrorCode::refused,
                fmt::format("change {} was interrupted and has to be recovered first", change.intent.id),
                "run: twctl recover");
  }
  return journal;
}

// Whether the request is for the change that awaits confirmation. Error: refused, as find_change().
Result<bool> means_pending(const OpenJournal& journal, const RollbackRequest& request) {
  if (request.with_later) return false;
  if (request.id.empty()) return true;
  TRY(const Change named, find_change(journal.changes, request.id));
  return named.intent.id == journal.pending->intent.id;
}

Result<std::vector<Change>> choose(Platform& host, const OpenJournal& journal, const RollbackRequest& request) {
  if (!journal.pending) return chosen_changes(journal.changes, request);
  TRY(const bool meant, means_pending(journal, request));
  if (!meant) return fail(awaits_confirmation(host, *journal.pending));
  return std::vector<Change>{*journal.pending};
}

// What awaits confirmation was never decided for: it goes back by that decision, not by a change of its own. What
// somebody else has set meanwhile stays, and is listed.
Result<Change> roll_back_pending(Platform& host, const HostFacts& facts, Change pending) {
  TRY(const Recovery recovery, end_pending(host, facts, pending));
  if (!recovery.leftovers.none()) return fail(left_over(pending, recovery.leftovers));
  pending.decision = Decision::roll_back;
  pending.done = Done{.ending = recovery.ending, .conflicts = {}};
  return pending;
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
                                    .habitat = habitat_of(journal.facts),
                                    .settings = plan.settings,
                                    .files = plan.files});
}

Result<void> check_wanted(const RollbackOptions& options, const RollbackPlan& plan) {
  TRY_VOID(refuse_conflicts(plan));
  return options.dry_run ? Result<void>() : options.approve(plan);
}

}  // namespace

Result<RollbackOutcome> roll_back_changes(Platform& host, const RollbackOptions& options) {
  TRY(OpenJournal journal, options.dry_run ? read_journal(host) : open_journal(host, options.journal));
  TRY(std::vector<Change> chosen, choose(host, journal, options.request));
  TRY_VOID(bring_into_reach(host, journal.facts, chosen));
  TRY(const Present present, look(host, chosen));
  RollbackOutcome outcome{.plan = plan_rollback(chosen, present, options.request.force),
                          .change = {},
                          .restart = awaiting_restart(journal.changes, journal.facts.boot_id)};
  if (outcome.plan.undoes.empty()) return outcome;
  if (!journal.pending) TRY_VOID(check_wanted(options, outcome.plan));
  if (options.dry_run) return outcome;
  TRY(outcome.change, journal.pending ? roll_back_pending(host, journal.facts, *journal.pending)
                                      : carry_out(host, options, outcome.plan, journal));
  (void)prune_changes(host.state(), journal.changes, kKeptChanges);  // the change stands; the next run prunes
  if (!journal.pending) journal.changes.push_back(*outcome.change);
  outcome.restart = awaiting_restart(journal.changes, journal.facts.boot_id);
  return outcome;
}

}  // namespace twctl
