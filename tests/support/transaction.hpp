// A change by the steps that apply_profile() and roll_back_changes() take, without what comes before them.
#pragma once

#include "apply/transaction.hpp"

namespace twctl::test {

[[nodiscard]] inline Result<Change> run_transaction(Platform& host, Intent intent) {
  TRY(const Change change, begin_change(host, std::move(intent)));
  if (change.intent.kind == ChangeKind::rollback) {
    TRY(Leftovers kept, restore_values(host, change));
    return commit_change(host, change, std::move(kept));
  }
  if (change.intent.deadline) TRY_VOID(start_timers(host, change));
  TRY_VOID(write_values(host, change));
  return change.intent.deadline ? leave_pending(host, change) : commit_change(host, change);
}

}  // namespace twctl::test
