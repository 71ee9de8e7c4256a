#include "apply/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/journal.hpp"
#include "journal/log_line.hpp"

namespace twctl {
namespace {

// Everything that can be refused is refused here, before the first trace of the change.
Result<void> preflight(Platform& host, const Intent& intent) {
  for (const SettingChange& change : intent.settings) {
    TRY_VOID(host.settings().check_writable(*find_setting(change.key)));
  }
  for (const FileChange& file : intent.files) TRY_VOID(host.boot_files().check_writable(file.path));
  return {};
}

Result<void> stage_files(BootFileStore& store, const Intent& intent) {
  for (const FileChange& file : intent.files) {
    if (file.after) TRY_VOID(store.stage(file.path, intent.id, *file.after));
  }
  return {};
}

Result<Change> stage_and_begin(Platform& host, Intent intent) {
  TRY_VOID(stage_files(host.boot_files(), intent));
  return begin_change(host.state(), std::move(intent));
}

// The last look before the decision: a file that somebody else has changed meanwhile must not be replaced.
Result<void> files_still_old(BootFileStore& store, const Intent& intent) {
  TRY(const std::vector<std::string> changed, foreign_files(store, intent));
  if (changed.empty()) return {};
  return fail(ErrorCode::refused, fmt::format("somebody else has changed {} meanwhile", join(changed, ", ")));
}

std::string list_of(const Leftovers& leftovers) {
  std::vector<std::string> lines;
  for (const Conflict& conflict : leftovers.conflicts) {
    const std::string found = conflict.found.empty() ? "" : fmt::format(" ({})", escape(conflict.found));
    lines.push_back(fmt::format("{}: somebody else's{}, kept", conflict.what, found));
  }
  for (const Error& failure : leftovers.failures) lines.push_back(failure.message);
  return join(lines, "; ");
}

Error not_whole(const Change& change, const std::string& what, const std::string& list) {
  return {.code = ErrorCode::partial,
          .message = fmt::format("change {}: {}: {}", change.intent.id, what, list),
          .where = {},
          .excerpt = {},
          .column = 0,
          .hint = fmt::format("see: twctl history {}", change.intent.id)};
}

// What the caller learns after a clean undo: somebody else's change that stood in the way of the very first write
// is a refusal, a signal is an interruption, and all else is a failure with the host as before.
Error after_undo(Error cause, std::size_t written) {
  const bool keeps_code = cause.code == ErrorCode::interrupted || (cause.code == ErrorCode::refused && written == 0);
  if (!keeps_code) cause.code = ErrorCode::failed;
  cause.message += written == 0 ? "; nothing has changed" : "; every value is back as it was";
  return cause;
}

// Every end is told to the system's log, whatever the run itself ends with.
Result<void> end_change(Platform& host, const Change& ended) {
  TRY_VOID(finish(host.state(), ended, *ended.done));
  host.log(change_line(ended, host.run_facts()));
  return {};
}

// Restores even where the decision cannot be published: then the intent stays, and the next run looks again.
// But a decision to commit stands: it cannot be taken back, only carried on.
Error undo(Platform& host, const Change& change, std::size_t written, Error cause) {
  const Result<Decision> decision = decide(host.state(), change, {Decision::roll_back, host.run_facts()});
  if (decision == Decision::commit) {
    return not_whole(change, "live, but not yet in the boot file; the next run finishes it", cause.message);
  }
  const auto& settings = change.intent.settings;
  const std::vector<SettingChange> touched(settings.begin(), settings.begin() + static_cast<std::ptrdiff_t>(written));
  Leftovers leftovers = restore_settings(host.settings(), touched);
  if (!decision) leftovers.failures.push_back(decision.error());
  if (const Result<void> swept = host.boot_files().sweep(""); !swept) leftovers.failures.push_back(swept.error());
  if (leftovers.failures.empty()) {
    Change ended = change;
    ended.done = Done{.ending = Ending::rolled_back, .conflicts = leftovers.conflicts};
    const Result<void> done = end_change(host, ended);
    if (!done) leftovers.failures.push_back(done.error());
  }
  if (leftovers.none()) return after_undo(std::move(cause), written);
  return not_whole(change, cause.message + "; not everything could be put back", list_of(leftovers));
}

// The change is decided for. What fails from here on is finished by the next run.
Result<Change> complete(Platform& host, Change change, Leftovers leftovers) {
  change.decision = Decision::commit;
  append(leftovers, publish_files(host.boot_files(), change.intent.id, change.intent.files));
  if (!leftovers.failures.empty()) {
    return fail(not_whole(change, "not finished; the next run tries again", list_of(leftovers)));
  }
  change.done = Done{.ending = Ending::committed, .conflicts = leftovers.conflicts};
  if (const Result<void> done = end_change(host, change); !done) {
    return fail(
        not_whole(change, "done, but its end could not be recorded; the next run does it", done.error().message));
  }
  if (!leftovers.none()) return fail(not_whole(change, "done but for what is somebody else's", list_of(leftovers)));
  return change;
}

// A commit that may be there although it could not be published whole: undone now, it would be carried on later.
bool may_be_committed(StateStore& state, const Change& change) {
  const Result<std::optional<Decision>> now = decision_on(state, change);
  return !now || *now == Decision::commit;
}

bool in_time(Platform& host, const Change& change) {
  return !change.intent.deadline || host.timers().now() < *change.intent.deadline;
}

Result<Change> decide_and_complete(Platform& host, Change change, Leftovers leftovers) {
  change.decided_by = host.run_facts();
  const auto still = [&] { return in_time(host, change); };
  const Result<Decision> decision = commit_if(host.state(), change, *change.decided_by, still);
  if (decision == Decision::commit) return complete(host, std::move(change), std::move(leftovers));
  // Undecided still: to roll it back is for the caller, as for everybody else from now on.
  if (!decision && decision.error().code == ErrorCode::refused) return fail(decision.error());
  if (!decision && may_be_committed(host.state(), change)) {
    return fail(not_whole(change, "live, but not finished; the next run sees to it", decision.error().message));
  }
  const Error cause =
      decision ? Error{.code = ErrorCode::refused, .message = "it was decided to roll it back"} : decision.error();
  return fail(undo(host, change, change.intent.settings.size(), cause));
}

// The change stays applied and undecided; from here on its timers and `confirm` have it.
Result<Change> leave_pending(Platform& host, Change change) {
  const Result<void> marked = mark_applied(host.state(), change, [&] { return in_time(host, change); });
  if (!marked) {
    const bool late = marked.error().code == ErrorCode::refused;
    const Error cause{.code = ErrorCode::failed,
                      .message = late ? "it took longer than its deadline" : marked.error().message};
    return fail(undo(host, change, change.intent.settings.size(), cause));
  }
  host.log(change_line(change, host.run_facts()));
  return change;
}

// All or nothing: the first thing that is not as it should be undoes the rest.
Result<Change> carry_apply(Platform& host, Change change) {
  if (change.intent.deadline) {
    if (const Result<void> armed = arm_timers(host, change); !armed) return fail(undo(host, change, 0, armed.error()));
  }
  const auto interrupted = [&host] { return host.interrupted(); };
  const Written result = write_settings(host.settings(), change.intent.settings, interrupted);
  if (result.failure) return fail(undo(host, change, result.written, *result.failure));
  if (const Result<void> still = files_still_old(host.boot_files(), change.intent); !still) {
    return fail(undo(host, change, result.written, still.error()));
  }
  if (change.intent.deadline) return leave_pending(host, std::move(change));
  return decide_and_complete(host, std::move(change), {});
}

// As much as can be: what somebody else has changed meanwhile stays his, and the rest goes back.
Result<Change> carry_rollback(Platform& host, Change change) {
  const std::size_t all = change.intent.settings.size();
  Leftovers leftovers = complete_settings(host.settings(), change.intent.settings);
  if (!leftovers.failures.empty()) return fail(undo(host, change, all, leftovers.failures.front()));
  if (host.interrupted()) {
    return fail(undo(host, change, all, {.code = ErrorCode::interrupted, .message = "interrupted by a signal"}));
  }
  return decide_and_complete(host, std::move(change), std::move(leftovers));
}

}  // namespace

Error left_over(const Change& change, const Leftovers& leftovers) {
  return not_whole(change, "not everything could be put back", list_of(leftovers));
}

Result<Change> commit_change(Platform& host, Change change) { return decide_and_complete(host, std::move(change), {}); }

Result<Change> carry_through(Platform& host, Intent intent) {
  TRY_VOID(preflight(host, intent));
  Result<Change> begun = stage_and_begin(host, std::move(intent));
  if (!begun) {
    // Litter of the failed attempt; the failure itself is what the user must hear of.
    (void)host.boot_files().sweep("");
    (void)host.state().sweep();
    return begun;
  }
  if (begun->intent.kind == ChangeKind::rollback) return carry_rollback(host, *std::move(begun));
  return carry_apply(host, *std::move(begun));
}

}  // namespace twctl
