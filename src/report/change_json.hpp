// Changes of the journal -> one JSON document each (docs/schema/). Pure.
#pragma once

#include <span>
#include <string>

#include "apply/apply_profile.hpp"
#include "apply/history.hpp"
#include "apply/rollback_plan.hpp"
#include "apply/status.hpp"
#include "report/change_report.hpp"

namespace twctl {

[[nodiscard]] std::string rollback_json(const RollbackPlan& plan, const ChangeReport& report, bool dry_run);
[[nodiscard]] std::string recovery_json(std::span<const Recovery> recoveries);
[[nodiscard]] std::string history_json(std::span<const HistoryEntry> entries, const std::string& location);
[[nodiscard]] std::string status_json(const Status& status, const std::string& location);

}  // namespace twctl
