// Changes of the journal -> text for a person: what apply and rollback did, history, status. Pure.
#pragma once

#include <span>
#include <string>

#include "apply/apply_profile.hpp"
#include "apply/confirm.hpp"
#include "apply/rollback_plan.hpp"
#include "apply/status.hpp"
#include "journal/history.hpp"
#include "report/change_report.hpp"
#include "report/layout.hpp"

namespace twctl {

// Below the plan's own page: what was done, and how to undo it.
[[nodiscard]] std::string applied_text(const Plan& plan, const ChangeReport& report, const Screen& screen);

// With -q: nothing, but how to confirm what is pending.
[[nodiscard]] std::string quiet_text(const ChangeReport& report, const Screen& screen);

[[nodiscard]] std::string confirmed_text(const ConfirmOutcome& outcome, const Screen& screen);

// What a rollback would put back, or has put back.
[[nodiscard]] std::string rollback_plan_text(const RollbackPlan& plan, const Screen& screen);
[[nodiscard]] std::string rolled_back_text(const RollbackPlan& plan, const ChangeReport& report, const Screen& screen);

// One line, and one for each conflict: "twctl: change 3f2a91c0 had been interrupted and was rolled back".
[[nodiscard]] std::string recovery_text(const Recovery& recovery);

[[nodiscard]] std::string history_text(std::span<const HistoryEntry> entries, const Screen& screen);
[[nodiscard]] std::string change_text(const HistoryEntry& entry, const std::string& location, const Screen& screen);
[[nodiscard]] std::string status_text(const Status& status, const Screen& screen);

}  // namespace twctl
