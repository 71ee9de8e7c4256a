// Snapshot of a host -> Audit: its live values, every boot file, what differs between the two, and which line overrides
// which. Pure.
#pragma once

#include "audit/audit.hpp"
#include "profile/desired.hpp"

namespace twctl {

[[nodiscard]] Audit audit_snapshot(const Snapshot& snapshot);

// Adds a finding for each setting that is not as the profile wants it. Error: as make_plan().
[[nodiscard]] Result<void> hold_to_profile(Audit& audit, const Snapshot& snapshot, const Desired& desired);

}  // namespace twctl
