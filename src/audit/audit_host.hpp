// Snapshot of a host -> Audit: its live values, every boot file, what differs between the two, and who overrides whom.
// Pure.
#pragma once

#include "audit/audit.hpp"
#include "profile/desired.hpp"

namespace twctl {

[[nodiscard]] Audit audit_snapshot(const Snapshot& snapshot);

// Adds what of the profile is not so there. Error: as make_plan().
[[nodiscard]] Result<void> hold_to_profile(Audit& audit, const Snapshot& snapshot, const Desired& desired);

}  // namespace twctl
