// Whether an overdue change still stands: a boot may have taken it back, or a run that could not write that down.
#pragma once

#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// Of a change without a decision. What cannot be seen from here counts as standing.
[[nodiscard]] bool still_stands(Platform& host, const HostFacts& facts, const Intent& intent);

}  // namespace twctl
