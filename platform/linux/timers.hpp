// CLOCK_BOOTTIME, the forked watchdog and twctl-deadline.path.
#pragma once

#include <memory>

#include "platform/deadline_timers.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// `files` must outlive it. `own_boot`: this is the running system's initial network namespace, which systemd's units
// act in.
[[nodiscard]] std::unique_ptr<DeadlineTimers> make_timers(HostFiles& files, bool own_boot);

}  // namespace twctl
