// Who acts at the deadline of a pending change (docs/decisions/0009-who-acts-at-the-deadline.md): the watchdog, a fork
// of the apply itself, and the service that twctl-deadline.path starts.
#pragma once

#include "apply/recover.hpp"
#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// Before anything is asked or written. Error: refused, where the watchdog would end with the service that this run is
// part of, and no other timer can be expected.
[[nodiscard]] Result<void> refuse_mortal_watchdog(Platform& host);

// Announces the change, starts its watchdog, and gives the path unit, where it is enabled, a moment to start its
// service. The caller holds the lock. Error: failed, for want of descriptors or memory; refused, if nothing would act
// at the deadline, or nothing but a watchdog that ends with this run's service.
[[nodiscard]] Result<void> arm_timers(Platform& host, const Change& change);

// What the watchdog does until it ends: waits for the decision or the deadline, and then rolls back what is due.
void keep_watch(Platform& host, const Change& change, const DeadlineTimers::Starter& starter);

// What the path unit's service does first (recover --when-due): waits until no change is pending here any more, and
// rolls back what is due. It must not end earlier, because systemd would start it again at once, and holds no lock
// while it waits. `request`: how to recover; its `wait` does not count.
[[nodiscard]] Result<void> roll_back_when_due(Platform& host, JournalRequest request = {});

}  // namespace twctl
