#include "apply/confirm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "apply/transaction.hpp"
#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"

namespace twctl {
namespace {

bool was_confirmed(const std::vector<Change>& changes, const Change& change) {
  const std::vector<std::string> in_force = changes_in_force(changes);
  return change.intent.deadline && std::find(in_force.begin(), in_force.end(), change.intent.id) != in_force.end();
}

std::string fate_of(const Change& change) {
  const bool back = change.intent.deadline && change.done && change.done->ending == Ending::rolled_back;
  if (!back) return "does not await confirmation";
  const std::string when = change.decided_by ? "at " + time_text(change.decided_by->time) : "before";
  return change.lapsed ? "was not confirmed in time: it was rolled back " + when
                       : fmt::format("was rolled back {}, never confirmed", when);
}

Error not_pending(Platform& host, const Change& change) {
  return {.code = ErrorCode::refused,
          .message = fmt::format("change {} {}", change.intent.id, fate_of(change)),
          .hint = "see: " + history_command(change.intent, host.state().location()),
          .reasons = {"not-pending"}};
}

Result<Change> named_or_newest(const std::vector<Change>& changes, const std::string& id, const std::string& location) {
  if (!id.empty()) return find_change(changes, id, location);
  if (!changes.empty() && changes.back().intent.deadline) return changes.back();
  return fail(ErrorCode::refused, "no change awaits confirmation", "see: " + command_in("", "history", location));
}

// Nothing that the request means awaits confirmation any more.
Result<ConfirmOutcome> confirmed_before(Platform& host, const std::string& id) {
  TRY(const std::vector<Change> changes, load_changes(host.state(), Texts::digests));
  TRY(const Change change, named_or_newest(changes, id, host.state().location()));
  if (!was_confirmed(changes, change)) return fail(not_pending(host, change));
  TRY(Change whole, as_recorded(host.state(), change));
  return ConfirmOutcome{.change = std::move(whole), .already = true};
}

// What would be made permanent must be what was applied and tested.
Result<void> check_untouched(Platform& host, const Change& change) {
  TRY(std::vector<std::string> foreign, settings_changed_by_others(host.settings(), change.intent));
  TRY(const std::vector<std::string> files, files_changed_by_others(host.boot_files(), change.intent));
  foreign.insert(foreign.end(), files.begin(), files.end());
  if (foreign.empty()) return {};
  return fail({.code = ErrorCode::refused,
               .message = fmt::format("changed by somebody else since change {} was applied: {}", change.intent.id,
                                      join(foreign, "; ")),
               .hint = "put it back as it was and confirm again, or leave it: what is ours goes back at the deadline",
               .reasons = {"changed-since"}});
}

// What was staged may have been taken away since, as by a cleaner of temporary files: then it is written once more,
// while a failure still is a refusal.
Result<void> stage_what_is_missing(BootFileStore& store, const Intent& intent) {
  for (const FileChange& file : intent.files) {
    if (!file.after) continue;
    TRY(const std::optional<std::string> staged, store.staged(file.path, intent.id));
    if (staged != file.after) TRY_VOID(store.stage(file.path, intent.id, file.after));
  }
  return {};
}

// The deadline has come since this run took the lock, so that nobody else can roll the change back: this run does.
Error too_late(Platform& host, const HostFacts& facts, const Change& change) {
  const Result<Change> ended = roll_back_pending(host, facts, change);
  return ended ? not_pending(host, *ended) : ended.error();
}

}  // namespace

Result<ConfirmOutcome> confirm_change(Platform& host, const ConfirmRequest& request) {
  TRY(const OpenJournal journal, open_journal_if_any(host, request.journal, request.dry_run));
  if (!means_pending(journal, request.id)) return confirmed_before(host, request.id);
  const Change& change = *journal.pending;
  if (find_values(host, journal.facts, change.intent.origin) != Whereabouts::here) {
    return fail(out_of_reach(host, change.intent.origin,
                             fmt::format("change {} cannot be confirmed here", change.intent.id), "confirm"));
  }
  TRY_VOID(check_untouched(host, change));
  // What was safe to write to when it was applied may be so no more.
  for (const FileChange& file : change.intent.files) {
    TRY(const std::optional<std::string> staged, host.boot_files().staged(file.path, change.intent.id));
    TRY_VOID(host.boot_files().check_writable(file.path, staged == file.after ? std::nullopt : size_of(file.after)));
  }
  if (request.dry_run) {
    TRY_VOID(check_decision_recordable(host, change));
    return ConfirmOutcome{.change = change};
  }
  TRY_VOID(stage_what_is_missing(host.boot_files(), change.intent));
  if (!is_pending(host, journal.facts, change)) return fail(too_late(host, journal.facts, change));
  host.run().catch_interrupts();  // a decision that is there is carried on
  const Result<Change> committed = commit_change(host, change);
  const bool moved = journal.facts.netns != change.intent.origin.netns;
  if (committed) return ConfirmOutcome{.change = *committed, .moved = moved};
  if (committed.error().code != ErrorCode::refused) return fail(committed.error());
  return fail(too_late(host, journal.facts, change));
}

}  // namespace twctl
