// A change -> text for a person: what apply, confirm, rollback and recover did, and how to undo it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apply/apply_profile.hpp"
#include "apply/confirm.hpp"
#include "apply/recover.hpp"
#include "apply/rollback_plan.hpp"
#include "apply/status.hpp"
#include "report/change_report.hpp"
#include "report/layout.hpp"

namespace twctl {

inline constexpr std::string_view kDryRun = "Nothing was changed: a dry run.\n";

// Below the plan's own page: what was done, and how to undo it.
[[nodiscard]] std::string applied_text(const Plan& plan, const ChangeReport& report, const Screen& screen);

// With -q: nothing, but how to confirm what is pending.
[[nodiscard]] std::string quiet_text(const ChangeReport& report, const Screen& screen);

// `until_boot`: as status has them once it is confirmed.
[[nodiscard]] std::string confirmed_text(const ConfirmOutcome& outcome, const Status& status,
                                         const std::string& location, const Screen& screen);

// What a dry run of confirm has found.
[[nodiscard]] std::string confirmable_text(const ConfirmOutcome& outcome, const Screen& screen);

// What a rollback would put back, or has put back.
[[nodiscard]] std::string rollback_plan_text(const RollbackPlan& plan, const Screen& screen);
[[nodiscard]] std::string rolled_back_text(const RollbackPlan& plan, const ChangeReport& report, const Screen& screen);

// One line, and one for each conflict: "twctl: change 3f2a91c0 had been interrupted and was rolled back".
[[nodiscard]] std::string recovery_text(const Ended& recovery);

// What could not be tidied up: "twctl: left as it is: /etc/sysctl.d/.twctl-3f.tmp: Operation not permitted".
[[nodiscard]] std::string left_text(const Error& error);

// "~ net.ipv4.tcp_fin_timeout  60 -> 30", keys aligned; "~ /etc/sysctl.d/60-twctl.conf  written".
[[nodiscard]] std::string settings_table(const std::vector<SettingChange>& settings, const Screen& screen);
[[nodiscard]] std::string files_table(const std::vector<FileChange>& files, const Screen& screen);
[[nodiscard]] std::string_view file_verb(const FileChange& file);  // "written", "changed", "removed"

// The commands that undo a change without twctl. They are not wrapped: they are there to be copied.
[[nodiscard]] std::string restore_text(const std::vector<std::string>& commands, const Screen& screen);

}  // namespace twctl
