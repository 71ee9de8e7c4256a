#include "apply/rollback.hpp"

#include <fmt/format.h>

#include "apply/pending.hpp"
#include "apply/restart.hpp"
#include "apply/transaction.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"

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
    const Whereabouts where = find_values(host, facts, change.intent.origin);
    if (where == Whereabouts::elsewhere) {
      return fail(out_of_reach(change.intent.origin, fmt::format("change {} cannot be undone here", change.intent.id),
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
  TRY(Journal loaded, load_journal(host.state()));
  for (const Change& change : loaded.unfinished) {
    if (is_pending(host, journal.facts, change)) {
      journal.pending = change;
      continue;
    }
    return fail(ErrorCode::refused,
                fmt::format("change {} was interrupted and has to be recovered first", change.intent.id),
                "run: twctl recover");
  }
  journal.folders = std::move(loaded.folders);
  journal.damage = std::move(loaded.damage);
  return journal;
}

bool is_of_pending(const RollbackRequest& request, const OpenJournal& journal) {
  return !request.with_later && means_pending(journal, request.id);
}

// For the pending change no other has to be known, nor be undamaged.
Result<std::vector<Change>> changes_to_know(Platform& host, const OpenJournal& journal,
                                            const RollbackRequest& request) {
  if (is_of_pending(request, journal)) return std::vector<Change>{*journal.pending};
  return load_changes(host.state());
}

Result<std::vector<Change>> choose(Platform& host, const OpenJournal& journal, const std::vector<Change>& changes,
                                   const RollbackRequest& request) {
  if (!journal.pending) return chosen_changes(changes, request);
  if (is_of_pending(request, journal)) return changes;
  if (!request.with_later) TRY_VOID(find_change(changes, request.id));
  return fail(awaits_confirmation(host, *journal.pending));
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
                                    .sequence = next_sequence(journal.folders),
                                    .kind = ChangeKind::rollback,
                                    .undoes = plan.undoes,
                                    .author = host.run_facts(),
                                    .reason = options.reason,
                                    .profiles = {},
                                    .accepted = options.request.force,
                                    .origin = origin_of(journal.facts),
                                    .settings = plan.settings,
                                    .files = plan.files});
}

Result<void> check_wanted(const RollbackOptions& options, const RollbackPlan& plan) {
  TRY_VOID(refuse_conflicts(plan));
  return options.dry_run ? Result<void>() : options.approve(plan);
}

}  // namespace

Result<RollbackOutcome> roll_back_changes(Platform& host, const RollbackOptions& options) {
  TRY(const OpenJournal journal, options.dry_run ? read_journal(host) : open_journal(host, options.journal));
  TRY(const std::vector<Change> changes, changes_to_know(host, journal, options.request));
  TRY(std::vector<Change> chosen, choose(host, journal, changes, options.request));
  TRY_VOID(bring_into_reach(host, journal.facts, chosen));
  TRY(const Present present, look(host, chosen));
  RollbackOutcome outcome{.plan = plan_rollback(chosen, present, options.request.force),
                          .change = {},
                          .restart = restart_awaited(host.state(), journal.facts)};
  if (outcome.plan.undoes.empty()) return outcome;
  if (!journal.pending) TRY_VOID(check_wanted(options, outcome.plan));
  if (options.dry_run) return outcome;
  TRY(outcome.change, journal.pending ? roll_back_pending(host, journal.facts, *journal.pending)
                                      : carry_out(host, options, outcome.plan, journal));
  (void)prune_changes(host.state(), changes, kKeptChanges);  // the change stands; the next run prunes
  outcome.restart = restart_awaited(host.state(), journal.facts);
  return outcome;
}

}  // namespace twctl
