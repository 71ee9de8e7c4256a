// CLOCK_BOOTTIME and the forked watchdog.
#pragma once

#include <memory>

#include "platform/deadline_timers.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<DeadlineTimers> make_timers();

}  // namespace twctl
