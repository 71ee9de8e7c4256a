// The kernel takes no port range that starts below ip_unprivileged_port_start, live or at a boot: a rollback of one
// that would leave such a pair is known to fail before it begins.
#pragma once

#include <vector>

#include "apply/rollback_plan.hpp"
#include "platform/platform.hpp"

namespace twctl {

// Error: refused, with the later change that stands in the way, if it is one. `force`: as of rollback_to().
[[nodiscard]] Result<void> refuse_clashing_ports(Platform& host, const HostFacts& facts, const RollbackPlan& plan,
                                                 const std::vector<std::string>& force,
                                                 const std::vector<Change>& journal);

}  // namespace twctl
