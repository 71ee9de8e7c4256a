// Facts of a host whose kernel is not known -> the kernels that it may have, and one audit of two that were made for
// them. A file's line may do nothing on one of them and harm on the other: both answers are said. Pure.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "audit/audit.hpp"

namespace twctl {

// `facts` alone where the kernel is known. Else with the oldest and the newest of `installed` (the names below
// /lib/modules); without any, with the kernel that the distribution came with; without that, with the oldest that is in
// use (Linux 3.10) and with a current one.
[[nodiscard]] std::vector<HostFacts> possible_kernels(const HostFacts& facts, std::span<const std::string> installed);

// The audit that `judge` makes for each of them: what one kernel alone shows is said to be that one's.
[[nodiscard]] Result<Audit> audit_for_each(const std::vector<HostFacts>& kernels,
                                           const std::function<Result<Audit>(const HostFacts&)>& judge);

}  // namespace twctl
