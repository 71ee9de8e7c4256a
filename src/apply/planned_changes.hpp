// Plan -> what it comes to: the old and new value of each setting, the old and new bytes of the boot file. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "plan/plan.hpp"

namespace twctl {

// In an order in which the kernel takes every one of them.
[[nodiscard]] std::vector<SettingChange> setting_changes(const Plan& plan);

// `before`: the bytes of the plan's boot file now; nullopt: there is none. Empty where the file stays as it is. Error:
// refused, somebody else has changed our own file.
[[nodiscard]] Result<std::vector<FileChange>> file_changes(const Plan& plan, const std::optional<std::string>& before);

}  // namespace twctl
