#include "apply/transaction.hpp"

#include <fmt/format.h>

#include "apply/ending.hpp"
#include "apply/recover.hpp"
#include "apply/watchdog.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"

namespace twctl {

namespace {

Result<void> preflight(Platform& host, const Intent& intent) {
  for (const SettingChange& change : intent.settings) {
    TRY_VOID(host.settings().check_writable(*find_setting(change.key)));
  }
  for (const FileChange& file : intent.files) {
    TRY_VOID(host.boot_files().check_writable(file.path, size_of(file.after)));
  }
  return {};
}

Result<void> stage_files(BootFileStore& store, const Intent& intent) {
  for (const FileChange& file : intent.files) {
    TRY_VOID(store.stage(file.path, intent.id, file.after));
  }
  return {};
}

Result<Change> stage_and_record(Platform& host, Intent intent) {
  TRY_VOID(stage_files(host.boot_files(), intent));
  return record_intent(host.state(), std::move(intent));
}

// The last look before the decision: a file that somebody else has changed meanwhile must not be replaced.
Result<void> files_still_old(BootFileStore& store, const Intent& intent) {
  TRY(const std::vector<std::string> changed, files_changed_by_others(store, intent));
  if (changed.empty()) return {};
  return fail(ErrorCode::refused, fmt::format("somebody else has changed {} meanwhile", join(changed, ", ")));
}

std::string list_of(const Leftovers& leftovers, const std::optional<Error>& unrecorded = {}) {
  std::vector<std::string> lines;
  for (const Conflict& conflict : leftovers.conflicts) {
    const std::string found = conflict.is_file() ? "" : fmt::format(" ({})", shown(conflict.found));
    lines.push_back(fmt::format("{}: somebody else's{}, kept", escape(conflict.what), found));
  }
  for (const Error& failure : leftovers.failures) lines.push_back(failure.message);
  if (unrecorded) lines.push_back(unrecorded->message);
  return join(lines, "; ");
}

Error not_whole(Platform& host, const Change& change, const std::string& what, const std::string& list) {
  return {.code = ErrorCode::partial,
          .message = fmt::format("change {}: {}: {}", change.intent.id, what, list),
          .hint = "see: " + history_command(change.intent, host.state().location()),
          .reasons = {"not-whole"}};
}

std::string once_mended(Platform& host, const Change& change) {
  const std::string recover = command_in(change.intent.origin.netns, "recover", host.state().location());
  return fmt::format("`{}` ends the change, once the cause is mended", recover);
}

// Nothing is left to put back; only the journal does not know that yet. `cause`: what led to it, which may be the same.
Error not_recorded(Platform& host, const Change& change, const std::string& cause, const std::string& why) {
  const std::string before = cause.empty() ? "" : cause + "; ";
  const std::string reason = why == cause ? "" : ": " + why;
  return {.code = ErrorCode::partial,
          .message = fmt::format("change {}: {}every value is back as it was, but that could not be recorded{}",
                                 change.intent.id, before, reason),
          .hint = once_mended(host, change),
          .reasons = {"not-recorded"}};
}

// What the caller learns after a clean undo: somebody else's change that stood in the way of the very first write
// is a refusal, a signal is an interruption, and all else is a failure with the host as before.
Error after_undo(Error cause, std::size_t written) {
  const bool keeps_code = cause.code == ErrorCode::interrupted || (cause.code == ErrorCode::refused && written == 0);
  if (!keeps_code) cause.code = ErrorCode::failed;
  cause.message += written == 0 ? "; nothing has changed" : "; every value is back as it was";
  return cause;
}

Leftovers sweep_staged(Platform& host, const Intent& intent) {
  Leftovers leftovers;
  if (host.boot_files().sweep("").empty()) return leftovers;
  const Result<void> gone = nothing_staged(host.boot_files(), intent);
  if (!gone) leftovers.failures.push_back(gone.error());
  return leftovers;
}

// The first `written` settings go back, and what was staged goes.
Leftovers restore_written(Platform& host, const Intent& intent, std::size_t written) {
  const auto& settings = intent.settings;
  const std::vector<SettingChange> touched(settings.begin(), settings.begin() + static_cast<std::ptrdiff_t>(written));
  Leftovers leftovers = restore_settings(host.settings(), touched);
  append(leftovers, sweep_staged(host, intent));
  return leftovers;
}

// Takes back the first `written` settings and ends the change; returns what the caller learns.
Error undo(Platform& host, const Change& change, std::size_t written, Error cause) {
  const std::optional<Ended> undone =
      take_back(host, change, {.decision = {Decision::roll_back, host.run().facts()}, .restore = [&] {
                                 return restore_written(host, change.intent, written);
                               }});
  if (!undone)
    return not_whole(host, change, "live, but not yet in the boot file; the next run finishes it", cause.message);
  if (undone->leftovers.none() && !undone->unrecorded) return after_undo(std::move(cause), written);
  if (undone->leftovers.none()) return not_recorded(host, change, cause.message, undone->unrecorded->message);
  return not_whole(host, change, cause.message + "; not everything could be put back",
                   list_of(undone->leftovers, undone->unrecorded));
}

// The change is decided for: its files are published, and its end recorded. What fails here the next run finishes.
Result<Change> complete(Platform& host, Change change, Leftovers leftovers) {
  change.decision = Decision::commit;
  append(leftovers, publish_files(host.boot_files(), change.intent.id, change.intent.files));
  if (!leftovers.failures.empty()) {
    return fail(not_whole(host, change, "not finished; the next run tries again", list_of(leftovers)));
  }
  change.done = Done{.ending = Ending::committed, .conflicts = leftovers.conflicts};
  const Result<bool> told = end_change(host, change);
  if (!told) {
    return fail(
        not_whole(host, change, "done, but its end could not be recorded; the next run does it", told.error().message));
  }
  if (!*told) {
    return fail(not_whole(host, change, "done, but its watchdog may not know and take the values back at the deadline",
                          "somebody has taken the file `pending` away"));
  }
  if (leftovers.none()) return change;
  (void)host.boot_files().sweep("");  // of ours what has found somebody else's file in its place
  return fail(not_whole(host, change, "done but for what is somebody else's", list_of(leftovers)));
}

// Whether there may be a commit although publishing it failed, as where the sync behind its rename did: then the change
// must not be undone, because whoever finds that commit carries it on.
bool may_be_committed(StateStore& state, const Change& change) {
  const Result<std::optional<Decision>> now = decision_on(state, change);
  return !now || *now == Decision::commit;
}

bool in_time(Platform& host, const Change& change) {
  return !change.intent.deadline || host.timers().now() < *change.intent.deadline;
}

Error undo_all(Platform& host, const Change& change, Error cause) {
  return undo(host, change, change.intent.settings.size(), std::move(cause));
}

}  // namespace

Error changed_while_asked() {
  return {.code = ErrorCode::refused,
          .message = "the host has changed while you were asked, so nothing was changed",
          .hint = "run it again, and look again"};
}

Result<void> rehearse(Platform& host, const Intent& intent) {
  TRY_VOID(preflight(host, intent));
  std::vector<RoomNeeded::Staged> staged;
  for (const FileChange& file : intent.files) {
    if (file.after) staged.push_back(host.boot_files().to_stage(file.path, file.after->size()));
  }
  return check_recordable(host.state(), intent, std::move(staged));
}

Result<Change> begin_change(Platform& host, Intent intent) {
  TRY_VOID(rehearse(host, intent));
  Result<Change> begun = stage_and_record(host, std::move(intent));
  if (!begun) {
    // Litter of the failed attempt; the failure itself is what the user must hear of.
    (void)host.boot_files().sweep("");
    (void)host.state().sweep();
  }
  return begun;
}

Result<void> start_timers(Platform& host, const Change& change) {
  const Result<void> armed = arm_timers(host, change);
  return armed ? Result<void>() : fail(undo(host, change, 0, armed.error()));
}

Result<void> write_values(Platform& host, const Change& change) {
  const auto interrupted = [&host] { return host.run().interrupted(); };
  const Written result = write_settings(host.settings(), change.intent.settings, interrupted);
  if (result.failure) return fail(undo(host, change, result.written, *result.failure));
  const Result<void> still = files_still_old(host.boot_files(), change.intent);
  return still ? Result<void>() : fail(undo(host, change, result.written, still.error()));
}

// "Complete", though it restores: `change` is the rollback, and its new values are the old ones of what it undoes.
Result<Leftovers> restore_values(Platform& host, const Change& change) {
  Leftovers leftovers = complete_settings(host.settings(), change.intent.settings);
  if (!leftovers.failures.empty()) return fail(undo_all(host, change, leftovers.failures.front()));
  if (!host.run().interrupted()) return leftovers;
  return fail(undo_all(host, change, {.code = ErrorCode::interrupted, .message = "interrupted by a signal"}));
}

Result<Change> leave_pending(Platform& host, Change change) {
  const Result<void> marked = mark_applied(host.state(), change, [&] { return in_time(host, change); });
  if (!marked) {
    const bool late = marked.error().code == ErrorCode::refused;
    return fail(undo_all(
        host, change,
        {.code = ErrorCode::failed, .message = late ? "it took longer than its deadline" : marked.error().message}));
  }
  host.run().log(change_line(change, host.run().facts()));
  return change;
}

Result<Change> commit_change(Platform& host, Change change, Leftovers kept) {
  change.decided_by = host.run().facts();
  const auto still = [&] { return in_time(host, change); };
  const Result<Decision> decision = commit_if(host.state(), change, *change.decided_by, still);
  if (decision == Decision::commit) return complete(host, std::move(change), std::move(kept));
  if (decision)
    return fail(undo_all(host, change, {.code = ErrorCode::refused, .message = "it was decided to roll it back"}));
  // The deadline has come, and nobody has decided: the caller rolls back, as any other run would from now on.
  if (decision.error().code == ErrorCode::refused) return fail(decision.error());
  if (may_be_committed(host.state(), change)) {
    return fail(not_whole(host, change, "live, but not finished; the next run sees to it", decision.error().message));
  }
  return fail(undo_all(host, change, decision.error()));
}

Result<Change> roll_back_pending(Platform& host, const HostFacts& facts, const Change& change,
                                 const std::string& reason) {
  host.run().catch_interrupts();
  TRY(Ended ended, recover_change(host, facts, change, reason));
  append(ended.leftovers, sweep_staged(host, change.intent));
  const bool whole = ended.leftovers.none();
  if (whole && !ended.unrecorded) return std::move(ended.change);
  if (whole && ended.change.decision != Decision::commit)
    return fail(not_recorded(host, change, "", ended.unrecorded->message));
  Error left = not_whole(host, change, "not everything could be put back", list_of(ended.leftovers, ended.unrecorded));
  if (!ended.leftovers.failures.empty()) left.hint = once_mended(host, change);
  return fail(std::move(left));
}

}  // namespace twctl
