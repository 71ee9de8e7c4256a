// The whole of `twctl rollback` but its report: open journal, choose, observe, plan, check, approve, begin, restore,
// verify, decide. A rollback is a change too; only that of a pending change is none, but the decision against it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/chosen_changes.hpp"
#include "apply/recover.hpp"
#include "apply/rollback_plan.hpp"

namespace twctl {

struct RollbackOptions {
  RollbackRequest request;
  bool dry_run = false;
  std::string reason;
  JournalRequest journal;
  // Asked once, with a plan that would change something. Error: refused.
  std::function<Result<void>(const RollbackPlan&)> approve;
  bool asks = false;  // approve() waits for somebody's answer
};

struct RollbackOutcome {
  RollbackPlan plan;
  std::optional<Change> change;           // nullopt: a dry run, or nothing was left to put back
  std::vector<std::string> restart = {};  // keys that wait for a restart, of earlier changes too
};

// Error: refused where somebody else's later change stands in the way (nothing has changed; the message lists it),
// or the values lie in another network namespace; any of the contract's for rollback.
[[nodiscard]] Result<RollbackOutcome> roll_back_changes(Platform& host, const RollbackOptions& options);

}  // namespace twctl
