// The steps of a change, from its intent to its end (docs/journal-format.md). The first that fails takes back the rest.
//   apply     begin_change -> write_values -> commit_change
//   with a deadline: begin_change -> start_timers -> write_values -> leave_pending, and later one of the next two
//   confirm   commit_change
//   rollback of a pending change: roll_back_pending
//   rollback  begin_change -> restore_values -> commit_change
// The caller holds the lock, and no other change is unfinished. The errors of all of them:
//   denied, failed, refused (somebody else came first), interrupted: nothing has changed, or all is as before;
//   partial: neither old nor new; the message lists every setting and file concerned.
#pragma once

#include "apply/steps.hpp"
#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What begin_change() would refuse, by looking alone: whether each setting and each file could be written, and the
// change be recorded. Error: denied, unwritable, unsupported, failed.
[[nodiscard]] Result<void> rehearse(Platform& host, const Intent& intent);

// Refused: what was shown to somebody who was asked is no longer so.
[[nodiscard]] Error changed_while_asked();

// Everything that can be refused is refused here, before the first trace of the change. Then its files are staged and
// its intent is recorded, with every old value: from here on a crash is mended by the next run.
[[nodiscard]] Result<Change> begin_change(Platform& host, Intent intent);

// Of a change with a deadline: forks its watchdog, and waits for the path unit's service where that is enabled (some
// seconds at most). Error also: refused, where nothing would act at the deadline.
[[nodiscard]] Result<void> start_timers(Platform& host, const Change& change);

// An apply, all or nothing: each value written and read back. Boot files are looked at and not yet written.
[[nodiscard]] Result<void> write_values(Platform& host, const Change& change);

// A rollback, as much as can be: what somebody else has changed meanwhile stays theirs, and is returned as conflicts.
[[nodiscard]] Result<Leftovers> restore_values(Platform& host, const Change& change);

// The change stays applied and undecided: from here on its timers and `confirm` have it.
[[nodiscard]] Result<Change> leave_pending(Platform& host, Change change);

// The decision for the change, then its boot files and its end. `kept` is what restore_values() had to leave.
// Error also: refused, where the deadline has come; nothing is decided then.
[[nodiscard]] Result<Change> commit_change(Platform& host, Change change, Leftovers kept = {});

// The decision against a pending change: all of it goes back, its staged files too.
[[nodiscard]] Result<Change> roll_back_pending(Platform& host, const HostFacts& facts, const Change& change,
                                               const std::string& reason = "");

}  // namespace twctl
