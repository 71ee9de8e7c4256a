// The kernels that a host may have -> one audit of two that were made for them. A file's line may do nothing on one of
// them and harm on the other: both answers are said. Pure.
#pragma once

#include <functional>
#include <vector>

#include "audit/audit.hpp"
#include "observe/possible_kernels.hpp"

namespace twctl {

// The audit that `judge` makes for each of them: what one kernel alone shows is said to be that one's.
[[nodiscard]] Result<Audit> audit_for_each(const std::vector<HostFacts>& kernels,
                                           const std::function<Result<Audit>(const HostFacts&)>& judge);

}  // namespace twctl
