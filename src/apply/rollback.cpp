#include "apply/rollback.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "apply/rollback_ports.hpp"
#include "apply/steps.hpp"
#include "apply/transaction.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/fold.hpp"
#include "journal/history.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"
#include "journal/values_left.hpp"

namespace twctl {
namespace {

Result<Present> look(Platform& host, const std::vector<Change>& chosen) {
  Present present;
  for (const Change& change : chosen) {
    for (const SettingChange& setting : change.intent.settings) {
      TRY(present.settings[setting.key], value_in_force(host.settings(), *find_setting(setting.key)));
    }
    for (const FileChange& file : change.intent.files) {
      TRY(present.files[file.path], host.boot_files().read(file.path));
    }
  }
  return present;
}

// Leaves out of the chosen changes the live values of a network namespace that is no more. Returns the changes of
// those. Error: refused, where they lie in another namespace that is still there.
Result<std::vector<Intent>> leave_out_what_is_gone(Platform& host, const HostFacts& facts, std::vector<Change>& chosen,
                                                   const std::vector<Change>& journal,
                                                   const std::vector<std::string>& force) {
  std::vector<Intent> gone;
  for (Change& change : chosen) {
    const Whereabouts where = find_values(host, facts, change.intent.origin);
    if (where == Whereabouts::elsewhere) {
      return fail(out_of_reach(host, change.intent.origin,
                               fmt::format("change {} cannot be undone here", change.intent.id),
                               "rollback " + short_id(change.intent.id) + force_words(force)));
    }
    if (where != Whereabouts::gone) continue;
    gone.push_back(change.intent);
    change.intent.settings.clear();
    std::erase_if(change.intent.files, [&](const FileChange& file) { return is_given_up(journal, change, file.path); });
  }
  return gone;
}

// A boot file that none but they have written, and that is no longer as they left it: it may be the one of another
// mount of /etc, and there is nothing that it has to fit any more. It stays as it is, and does not keep them from their
// end.
void give_up_files_of_gone(RollbackPlan& plan, const std::vector<Change>& chosen) {
  const auto is_gone = [&](const Change& change) {
    return std::any_of(plan.gone.begin(), plan.gone.end(),
                       [&](const Intent& gone) { return gone.id == change.intent.id; });
  };
  const auto stands = [&](const Conflict& conflict) {
    return !conflict.is_file() || std::any_of(chosen.begin(), chosen.end(), [&](const Change& change) {
      return !is_gone(change) && is_one_of(conflict.what, subjects(change.intent));
    });
  };
  const auto given_up = std::stable_partition(plan.conflicts.begin(), plan.conflicts.end(), stands);
  plan.given_up.assign(given_up, plan.conflicts.end());
  plan.conflicts.erase(given_up, plan.conflicts.end());
}

// What a later change of twctl's own has set is nobody else's: it can be undone first.
Result<void> refuse_later(const RollbackPlan& plan, const std::vector<std::string>& force, const std::string& netns,
                          const std::string& location) {
  if (plan.later.empty()) return {};
  std::vector<std::string> list;
  for (const LaterChange& later : plan.later) {
    list.push_back(fmt::format("{} (change {})", later.what, short_id(later.change)));
  }
  return fail(ErrorCode::refused, fmt::format("set again by a later change: {}", join(list, "; ")),
              undo_first(plan.undoes.back(), force, netns, location));
}

// What somebody else has made of a file is not overwritten at all: with the old file in its place there is nothing to
// do.
Result<void> refuse_conflicts(const RollbackPlan& plan, std::vector<std::string> force, const std::string& netns,
                              const std::string& location) {
  if (plan.conflicts.empty() && plan.overwritten.empty()) return {};
  const std::size_t forced_before = force.size();
  std::vector<std::string> list;
  std::string way_out = "find out who did it";
  for (const Conflict& conflict : plan.conflicts) {
    if (conflict.is_file()) {
      list.push_back(conflict.what);
      way_out += fmt::format("; to give that file up, run the line for it that `{}` shows, then roll back",
                             command_in("", "history " + short_id(plan.undoes.back()), location));
    } else {
      list.push_back(fmt::format("{} is {}", conflict.what, shown(conflict.found)));
      force.push_back(conflict.what);
    }
  }
  for (const Overwritten& one : plan.overwritten) {
    list.push_back(fmt::format("{} was {} {} change {}", one.key, shown(one.found),
                               one.is_within ? "between two that are now" : "before", short_id(one.change)));
    force.push_back(one.key);
  }
  if (force.size() > forced_before) {
    const std::string_view which = plan.undoes.size() > 1 ? "--to " : "";
    const std::string command = fmt::format("rollback {}{}{}", which, short_id(plan.undoes.back()), force_words(force));
    way_out += fmt::format("; to overwrite what they set: `{}`", command_in(netns, command, location));
  }
  return fail(ErrorCode::refused, fmt::format("changed by somebody else since: {}", join(list, "; ")), way_out);
}

bool is_of_pending(const RollbackRequest& request, const OpenJournal& journal) {
  return !request.with_later && means_pending(journal, request.id);
}

// To roll back the pending change no other has to be read, so that a damaged one does not stand in the way.
Result<ReadableChanges> changes_to_know(Platform& host, const OpenJournal& journal, const RollbackRequest& request) {
  if (is_of_pending(request, journal)) return ReadableChanges{.changes = {*journal.pending}, .damage = {}};
  TRY(ReadableChanges changes, load_readable_changes(host.state(), Texts::digests));
  if (!changes.damage.empty()) return fail(std::move(changes.damage.front()));
  return changes;
}

Result<std::vector<Change>> choose(Platform& host, const OpenJournal& journal, const std::vector<Change>& changes,
                                   const RollbackRequest& request) {
  const std::string& location = host.state().location();
  if (!journal.pending) return chosen_changes(changes, request, journal.facts.netns, location);
  if (is_of_pending(request, journal)) return changes;
  if (!request.with_later) TRY_VOID(find_change(changes, request.id, location));
  return fail(awaits_confirmation(host, *journal.pending));
}

Result<Intent> intent_of(Platform& host, const RollbackOptions& options, const RollbackPlan& plan,
                         const OpenJournal& journal) {
  TRY(std::string id, host.run().random_id());
  TRY(const std::uint64_t sequence, next_sequence(journal.folders));
  return Intent{.id = std::move(id),
                .sequence = sequence,
                .kind = ChangeKind::rollback,
                .undoes = plan.undoes,
                .author = host.run().facts(),
                .reason = options.reason,
                .profiles = {},
                .accepted = options.request.force,
                .origin = origin_of(journal.facts),
                .settings = plan.settings,
                .files = plan.files};
}

// What is to be undone, and what that comes to on the host as it is now.
Result<RollbackPlan> plan_now(Platform& host, const OpenJournal& journal, const std::vector<Change>& changes,
                              const RollbackRequest& request) {
  TRY(std::vector<Change> chosen, choose(host, journal, changes, request));
  if (journal.pending) {
    chosen = as_if_kept(std::move(chosen), *journal.pending);
    chosen.front().intent.files.clear();  // they are as they were
  }
  TRY(std::vector<Intent> gone, leave_out_what_is_gone(host, journal.facts, chosen, changes, request.force));
  TRY(Present present, look(host, chosen));
  const std::vector<Change>& known = journal.pending ? chosen : changes;
  present.left = values_left(host, journal.facts, known);
  std::optional<Error> unread;
  RollbackPlan plan = plan_rollback(chosen, known, present, request.force, [&](const Change& change) -> Result<Change> {
    Result<Change> whole = as_recorded(host.state(), change);
    if (!whole) unread = whole.error();
    return whole;
  });
  if (unread) return fail(*std::move(unread));
  plan.gone = std::move(gone);
  give_up_files_of_gone(plan, chosen);
  return plan;
}

Result<void> check(Platform& host, const RollbackPlan& plan, const std::vector<std::string>& force,
                   const OpenJournal& journal, const std::vector<Change>& changes) {
  const std::string& location = host.state().location();
  TRY_VOID(refuse_conflicts(plan, force, journal.facts.netns, location));
  TRY_VOID(refuse_later(plan, force, journal.facts.netns, location));
  return refuse_clashing_ports(host, journal.facts, plan, force, changes);
}

// While somebody was asked, others had time to change the host: what is done must be what was shown. Error: as check().
Result<void> check_as_shown(Platform& host, const OpenJournal& journal, const std::vector<Change>& changes,
                            const RollbackRequest& request, const RollbackPlan& shown) {
  TRY(const RollbackPlan now, plan_now(host, journal, changes, request));
  TRY_VOID(check(host, now, request.force, journal, changes));
  if (now.settings == shown.settings && now.files == shown.files) return {};
  return fail(changed_while_asked());
}

// What cannot be recorded, on a full disk say, is not begun; but there is a way back without a record.
auto with_way_by_hand(const RollbackPlan& plan, const std::string& location) {
  return [&](Error error) {
    if (error.code != ErrorCode::failed || !error.hint.empty()) return error;
    const std::string of_each = plan.undoes.size() > 1 ? ", and of each change since," : "";
    error.hint = fmt::format("mend that, or undo it by hand, as `{}`{} shows",
                             command_in("", "history " + short_id(plan.undoes.back()), location), of_each);
    return error;
  };
}

// By a change of its own.
Result<Change> undo_committed(Platform& host, const RollbackOptions& options, const RollbackPlan& plan,
                              const OpenJournal& journal, const ReadableChanges& known) {
  TRY_VOID(options.approve(plan));
  if (options.asks) TRY_VOID(check_as_shown(host, journal, known.changes, options.request, plan));
  TRY(Intent intent, intent_of(host, options, plan, journal));
  const auto by_hand = with_way_by_hand(plan, host.state().location());
  // Before anything is changed: for want of memory a run may end there.
  std::optional<ReadableChanges> to_prune;
  if (journal.folders.size() > options.journal.limits.prune_above) {
    if (Result<ReadableChanges> all = load_readable_changes(host.state(), Texts::digests); all && all->damage.empty())
      to_prune = *std::move(all);
  }
  TRY(const Change change, begin_change(host, std::move(intent)).map_error(by_hand));
  TRY(Leftovers kept, restore_values(host, change));
  TRY(Change ended, commit_change(host, change, std::move(kept)));
  if (to_prune) {
    to_prune->changes.push_back(ended);
    (void)prune_changes(host, journal.facts, *to_prune, options.journal.limits.keep);  // else the next run does it
  }
  return ended;
}

Result<void> rehearse_undo(Platform& host, const RollbackOptions& options, const RollbackPlan& plan,
                           const OpenJournal& journal) {
  TRY(const Intent intent, intent_of(host, options, plan, journal));
  return rehearse(host, intent).map_error(with_way_by_hand(plan, host.state().location()));
}

// A pending change goes back whatever somebody else has set meanwhile, which is kept, or keeps a value back, and makes
// it 4; so does its dry run. `force`: what is forced already.
Result<void> foretell(Platform& host, const RollbackPlan& plan, const OpenJournal& journal,
                      std::vector<std::string> force) {
  std::vector<std::string> list;
  for (const Conflict& conflict : plan.conflicts) {
    list.push_back(fmt::format("{}: somebody else's ({}), would be kept", conflict.what, shown(conflict.found)));
    force.push_back(conflict.what);
  }
  for (const Error& held : blocked_by_partner(host.settings(), plan.settings)) list.push_back(held.message);
  const Intent& pending = journal.pending->intent;
  for (const FileChange& file : files_of_ours(host.boot_files(), pending)) {
    if (const auto now = host.boot_files().read(file.path); !now) list.push_back(now.error().message);
  }
  for (const FileChange& file : pending.files) {
    const auto goes = host.boot_files().check_staged_may_go(file.path, pending.id);
    if (!goes && !is_one_of(goes.error().message, list)) list.push_back(goes.error().message);
  }
  if (list.empty()) return check_decision_recordable(host, *journal.pending);
  const std::string forced = command_in(journal.facts.netns, "rollback" + force_words(force), host.state().location());
  return fail(ErrorCode::partial,
              fmt::format("change {}: not everything would be put back: {}; nothing was changed: a dry run",
                          journal.pending->intent.id, join(list, "; ")),
              plan.conflicts.empty() ? "" : fmt::format("to overwrite what they set: `{}`", forced));
}

// Its way back goes by what it has set: where that was overwritten and is forced, by what is there now.
Change as_planned(Change pending, const RollbackPlan& plan) {
  for (SettingChange& setting : pending.intent.settings) {
    for (const SettingChange& back : plan.settings) {
      if (back.key == setting.key) setting.after = back.before;
    }
  }
  return pending;
}

}  // namespace

Result<RollbackOutcome> roll_back_changes(Platform& host, const RollbackOptions& options) {
  TRY(const OpenJournal journal, open_journal_if_any(host, options.journal, options.dry_run));
  TRY(const ReadableChanges known, changes_to_know(host, journal, options.request));
  TRY(RollbackPlan plan, plan_now(host, journal, known.changes, options.request));
  RollbackOutcome outcome{
      .plan = std::move(plan), .change = {}, .restart = restart_awaited(host.state(), journal.facts)};
  if (outcome.plan.undoes.empty()) return outcome;
  if (!journal.pending) TRY_VOID(check(host, outcome.plan, options.request.force, journal, known.changes));
  if (options.dry_run) {
    TRY_VOID(journal.pending ? foretell(host, outcome.plan, journal, options.request.force)
                             : rehearse_undo(host, options, outcome.plan, journal));
    return outcome;
  }
  // What is pending was never decided for, so it goes back by the decision against it.
  TRY(outcome.change, journal.pending ? roll_back_pending(host, journal.facts,
                                                          as_planned(*journal.pending, outcome.plan), options.reason)
                                      : undo_committed(host, options, outcome.plan, journal, known));
  outcome.restart = restart_awaited(host.state(), journal.facts);
  return outcome;
}

}  // namespace twctl
