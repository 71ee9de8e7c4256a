// Changes of the journal -> one JSON document each (docs/schema/). Pure.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// The whole texts of a change's files; nullopt: the change is no more, and is left out. What cannot be read is damaged.
using WholeFiles = std::function<Result<std::optional<std::vector<FileChange>>>(const Change&)>;
using WriteText = std::function<Result<void>(std::string_view)>;

// One change at a time: a hundred of a long boot file are hundreds of MiB. Error: as of `write`.
[[nodiscard]] Result<void> write_history_json(std::span<const HistoryEntry> entries, const WholeFiles& whole,
                                              std::vector<Error>& damage, const std::string& location,
                                              const WriteText& write);

[[nodiscard]] std::string status_json(const Status& status, const std::string& location);

}  // namespace twctl
