#include "apply/recover.hpp"

#include <fmt/format.h>

#include "apply/pending.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"
#include "observe/observe.hpp"

namespace twctl {
namespace {

// Whether the change goes back because nobody confirmed it in time. Else its run was interrupted, or a person takes it
// back before the deadline.
bool lapses(Platform& host, const HostFacts& facts, const Change& change) {
  if (change.decision) return change.lapsed;
  return change.applied && !is_pending(host, facts, change);
}

constexpr std::string_view kRecovery = "recovery of";

// What the system's log calls the rollback.
std::string_view action(const Change& change, bool lapsed) {
  if (lapsed) return "timeout of";
  return change.applied && !change.decision ? "rollback of" : kRecovery;
}

// Below a root without its procfs there are only files.
bool has_values(const HostFacts& facts) { return facts.live && !facts.captured; }

// Whether values of a change that was decided for may still be old. Those of an apply had all been read back before the
// decision, so that they can be old only after a reboot, which took them from the old file. A rollback may have left
// some to this run.
bool may_miss_values(const HostFacts& facts, const Intent& intent, Whereabouts where) {
  if (!has_values(facts)) return false;
  if (intent.kind == ChangeKind::rollback) return where != Whereabouts::gone;
  return where == Whereabouts::restarted && !intent.files.empty();
}

// After a restart a value that is neither old nor new is the kernel's own default, before the loader has run: nobody
// has set it, so it is no conflict. What holds a value back is what the boot has made of it, too.
Leftovers without_what_restarted(Whereabouts where, Leftovers leftovers) {
  if (where != Whereabouts::restarted) return leftovers;
  leftovers.conflicts.clear();
  std::erase_if(leftovers.failures, [](const Error& failure) { return failure.code == ErrorCode::refused; });
  return leftovers;
}

Ended roll_forward(Platform& host, const HostFacts& facts, Change change, Whereabouts where) {
  const Intent& intent = change.intent;
  Leftovers leftovers = publish_files(host.boot_files(), intent.id, intent.files);
  if (may_miss_values(facts, intent, where)) {
    append(leftovers, without_what_restarted(where, complete_settings(host.settings(), intent.settings)));
  }
  change.decision = Decision::commit;
  return end_unless_failed(host, std::move(change), Ending::committed, std::move(leftovers), kRecovery);
}

// Files stay old until the decision to commit. A new one without that decision means that a power cut has taken the
// decision and left the file: then the values that the boot has read from it go back too. So do those that a restart
// has not touched.
Leftovers back_to_old(Platform& host, const HostFacts& facts, const Intent& intent, Whereabouts where) {
  const std::vector<FileChange> ours = files_of_ours(host.boot_files(), intent);
  const bool may_be_ours = !ours.empty() || outlives_restart(facts, intent.origin);
  Leftovers leftovers = restore_files(host.boot_files(), intent.id, ours);
  const bool in_reach = where == Whereabouts::here || (where == Whereabouts::restarted && may_be_ours);
  if (in_reach && (where == Whereabouts::here || has_values(facts))) {
    append(leftovers, without_what_restarted(where, restore_settings(host.settings(), intent.settings)));
  }
  return leftovers;
}

Ended roll_back(Platform& host, const HostFacts& facts, const Change& change, Whereabouts where,
                const std::string& reason) {
  const bool lapsed = lapses(host, facts, change);
  std::optional<Ended> undone = take_back(host, change,
                                          {.decision = {Decision::roll_back, host.run().facts(), lapsed, reason},
                                           .restore = [&] { return back_to_old(host, facts, change.intent, where); },
                                           .ending = where == Whereabouts::gone ? Ending::gone : Ending::rolled_back,
                                           .action = action(change, lapsed)});
  return undone ? *std::move(undone) : roll_forward(host, facts, change, where);
}

Error unfinished_elsewhere(Platform& host, const Change& change) {
  return out_of_reach(host, change.intent.origin, fmt::format("change {} is unfinished", change.intent.id), "recover");
}

Error unfinished(Platform& host, const Ended& ended) {
  std::vector<std::string> reasons;
  for (const Error& failure : ended.leftovers.failures) reasons.push_back(failure.message);
  if (ended.unrecorded) reasons.push_back(ended.unrecorded->message);
  const std::string& location = host.state().location();
  return {
      .code = ErrorCode::partial,
      .message = fmt::format("change {} could not be finished: {}", ended.change.intent.id, join(reasons, "; ")),
      .hint = fmt::format("see `{}` and run `{}` again once the cause is mended", command_in("", "history", location),
                          command_in(ended.change.intent.origin.netns, "recover", location)),
      .reasons = {"unfinished"}};
}

}  // namespace

Result<Ended> recover_change(Platform& host, const HostFacts& facts, const Change& change, const std::string& reason) {
  const Whereabouts where = find_values(host, facts, change.intent.origin);
  if (where == Whereabouts::elsewhere) return fail(unfinished_elsewhere(host, change));
  if (change.decision == Decision::commit) return roll_forward(host, facts, change, where);
  return roll_back(host, facts, change, where, reason);
}

namespace {

void tell(const JournalRequest& request, const std::vector<Error>& left) {
  for (const Error& error : left) request.left(error);
}

Result<void> sweep(Platform& host, const std::optional<Change>& pending, const JournalRequest& request) {
  tell(request, host.state().sweep());
  if (!pending) TRY_VOID(host.state().withdraw_pending());
  tell(request, host.boot_files().sweep(pending ? pending->intent.id : ""));
  return {};
}

Result<void> recover_unfinished(Platform& host, const HostFacts& facts, const Change& change,
                                const JournalRequest& request) {
  host.run().catch_interrupts();  // what has begun is carried on
  TRY(const Ended ended, recover_change(host, facts, change));
  if (!is_finished(ended.change)) return fail(unfinished(host, ended));
  request.recovered(ended);
  return {};
}

Result<void> sweep_what_ended(Platform& host, const OpenJournal& journal, bool some_were_unfinished,
                              const JournalRequest& request) {
  if (!journal.damage) return sweep(host, journal.pending, request);
  // Beside an unfinished change the damaged one has ended: what is staged is not its own, and needs no repair.
  if (!some_were_unfinished || journal.pending) return {};
  tell(request, host.boot_files().sweep(""));
  return {};
}

}  // namespace

Result<OpenJournal> recover_and_open_journal(Platform& host, const JournalRequest& request) {
  TRY_VOID(host.state().lock(request.wait));
  OpenJournal journal;
  TRY(journal.facts, host.host_facts());
  TRY_VOID(check_identified(journal.facts));
  TRY(Journal loaded, load_journal(host.state(), request.verify));
  for (const Change& change : loaded.unfinished) {
    const bool pends = is_pending(host, journal.facts, change);
    if (pends) journal.pending = change;
    if (!pends) TRY_VOID(recover_unfinished(host, journal.facts, change, request));
  }
  journal.folders = std::move(loaded.folders);
  journal.damage = std::move(loaded.damage);
  TRY_VOID(sweep_what_ended(host, journal, !loaded.unfinished.empty(), request));
  for (const Change& change : loaded.unfinished) {
    if (!journal.pending || journal.pending->intent.id != change.intent.id)
      TRY_VOID(nothing_staged(host.boot_files(), change.intent));
  }
  return journal;
}

namespace {

Result<void> wait_for_others(Platform& host, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds kLook{20};
  const auto end = host.timers().now() + wait;
  while (host.state().is_held(StateStore::Lock::run)) {
    if (host.timers().now() >= end) return fail(StateStore::is_busy());
    host.timers().sleep_until(host.timers().now() + kLook);
  }
  return {};
}

// Why no other change may begin before that one has its end.
Error to_be_finished(Platform& host, const HostFacts& facts, const Change& change) {
  if (find_values(host, facts, change.intent.origin) == Whereabouts::elsewhere)
    return unfinished_elsewhere(host, change);
  const std::string_view why = lapses(host, facts, change) ? "was not confirmed in time and has to be taken back first"
                                                           : "was interrupted and has to be recovered first";
  return {.code = ErrorCode::refused,
          .message = fmt::format("change {} {}", change.intent.id, why),
          .hint = "run: " + recover_command(host, facts, change.intent),
          .reasons = {"unfinished"}};
}

}  // namespace

Result<OpenJournal> read_journal(Platform& host, std::chrono::milliseconds wait) {
  TRY_VOID(host.state().check_usable(StateStore::Caller::this_user));
  TRY_VOID(wait_for_others(host, wait));
  TRY(HostFacts facts, host.host_facts());
  TRY_VOID(check_identified(facts));
  return look_at_journal(host, std::move(facts));
}

Result<OpenJournal> look_at_journal(Platform& host, HostFacts facts) {
  OpenJournal journal;
  journal.facts = std::move(facts);
  TRY(Journal loaded, load_journal(host.state()));
  for (const Change& change : loaded.unfinished) {
    if (!is_pending(host, journal.facts, change)) return fail(to_be_finished(host, journal.facts, change));
    journal.pending = change;
  }
  journal.folders = std::move(loaded.folders);
  journal.damage = std::move(loaded.damage);
  return journal;
}

Result<OpenJournal> open_journal_if_any(Platform& host, const JournalRequest& request, bool dry_run) {
  TRY(const bool is_there, host.state().is_there());
  if (is_there) return dry_run ? read_journal(host, request.wait) : recover_and_open_journal(host, request);
  if (!host.run().facts().elevated) TRY_VOID(host.state().check_usable(StateStore::Caller::this_user));
  OpenJournal none;
  TRY(none.facts, host.host_facts());
  TRY_VOID(check_identified(none.facts));
  return none;
}

bool means_pending(const OpenJournal& journal, const std::string& id) {
  return journal.pending && (id.empty() || is_id_of(*journal.pending, id, journal.folders));
}

}  // namespace twctl
