// CLOCK_BOOTTIME and the forked watchdog.
#pragma once

#include <memory>

#include "platform/deadline_timers.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// `files`: of this host, for as long as the timers live. `own_boot`: as find_surroundings() takes it.
[[nodiscard]] std::unique_ptr<DeadlineTimers> make_timers(HostFiles& files, bool own_boot);

}  // namespace twctl
