// Plan -> what it comes to: the old and new value of each setting, the old and new bytes of the boot file; and both
// sides of that as text. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "plan/plan.hpp"
#include "plan/saved_plan.hpp"

namespace twctl {

// In an order in which the kernel takes every one of them.
[[nodiscard]] std::vector<SettingChange> setting_changes(const Plan& plan);

// `before`: the bytes of the plan's boot file now; nullopt: there is none. Empty where the file stays as it is. Error:
// refused, somebody else has changed our own file.
[[nodiscard]] Result<std::vector<FileChange>> file_changes(const Plan& plan, const std::optional<std::string>& before);

// The two sides of a diff as text: settings as "key = value", files whole behind their name.
struct DiffSides {
  std::string before;
  std::string after;
};
[[nodiscard]] DiffSides diff_sides(const std::vector<SettingChange>& settings, const std::vector<FileChange>& files);

// What the plan shows as its diff. A boot file that apply would refuse to edit is left out.
[[nodiscard]] DiffSides diff_sides(const Plan& plan);

// Error: refused, if a saved plan shows another diff than the one that it would make now.
[[nodiscard]] Result<void> check_shown_diff(const SavedPlan& saved, const Plan& now);

}  // namespace twctl
