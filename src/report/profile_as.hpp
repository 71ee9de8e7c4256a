// A profile, or what a plan comes to, in others' words: what another program reads that is to set the same values.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "profile/profile.hpp"

namespace twctl {

// What --as takes, with a bar between: "sysctl.d|tuned|...".
inline constexpr std::string_view kProfileTargets =
    "sysctl.d|tuned|ansible|cloud-init|nixos|docker|compose|kubernetes|kubelet|reg|powershell|gpo";

// The system whose settings the target holds. `target` is one of them.
[[nodiscard]] Os system_of(std::string_view target);

// `target` is one of them. Each takes plain values only: for "<= N" and ">= N" it is N, for "A | B" A, with a comment.
// Error: invalid, a wish that the target cannot hold (host-wide, in a container; gone from Linux; `unset`, elsewhere
// than on Windows), by its key; a wish with a leading '-' is left out with a comment there.
[[nodiscard]] Result<std::string> profile_as(const Profile& profile, std::string_view target);

// The values that the plan wants on its host, with bounds, unions and missing keys settled there.
[[nodiscard]] Result<std::string> plan_as(const Plan& plan, std::string_view target);

}  // namespace twctl
