// Changes of the journal -> one JSON document each (docs/schema/). Pure.
#pragma once

#include <span>
#include <string>

#include "apply/apply_profile.hpp"
#include "apply/confirm.hpp"
#include "apply/rollback_plan.hpp"
#include "apply/status.hpp"
#include "journal/history.hpp"
#include "plan/plan.hpp"
#include "report/change_report.hpp"

namespace twctl {

// The plan's members and what came of it.
[[nodiscard]] std::string apply_json(const Plan& plan, const ChangeReport& report);
[[nodiscard]] std::string rollback_json(const RollbackPlan& plan, const ChangeReport& report);
[[nodiscard]] std::string confirm_json(const ConfirmOutcome& outcome, bool dry_run, const std::string& location);

// `pending`: what still awaits confirmation, and was left alone.
[[nodiscard]] std::string recovery_json(std::span<const Ended> recoveries, const std::optional<Change>& pending);
[[nodiscard]] std::string history_json(std::span<const HistoryEntry> entries, std::span<const Error> damage,
                                       const std::string& location);
[[nodiscard]] std::string status_json(const Status& status, const std::string& location);

}  // namespace twctl
