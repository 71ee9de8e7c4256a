// The whole of `twctl apply` but its report: desired, open journal, observe, plan, check, approve, begin, write,
// verify, decide. Start reading the program at apply_profile().
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/recover.hpp"
#include "plan/plan.hpp"
#include "plan/saved_plan.hpp"

namespace twctl {

struct ApplyRequest {
  ProfileRequest profiles;
  PlanOptions options;
  std::optional<SavedPlan> saved;  // --plan: instead of profiles
  std::string reason;              // --reason, raw
  std::optional<std::chrono::seconds> confirm_within;
  bool dry_run = false;
  JournalRequest journal;
  // Asked once, with a plan that would change something. Error: refused, with what to do.
  std::function<Result<void>(const Plan&)> approve;
  bool asks = false;  // approve() waits for somebody's answer
};

struct ApplyOutcome {
  Plan plan;
  // nullopt: there was nothing to change; without an end: it awaits confirmation. Of a dry run: what it would be.
  std::optional<Change> change;
  std::vector<std::string> restart = {};  // keys that wait for a restart, of earlier changes too
};

// Error: any of the contract's for apply. With `partial` alone the host is not wholly in one state.
[[nodiscard]] Result<ApplyOutcome> apply_profile(Platform& host, const ApplyRequest& request);

// For a plan that is only shown, as judge_state(): what the journal makes of it. Which values apply would take over;
// and whether its change can be recorded: none awaits confirmation or is unfinished, the newest record is sound, and
// there is room.
void judge_record(Platform& host, Plan& plan);

}  // namespace twctl
