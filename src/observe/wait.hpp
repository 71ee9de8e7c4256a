// Waiting on the platform's clock, as long as nobody interrupts.
#pragma once

#include <chrono>

#include "platform/platform.hpp"

namespace twctl {

// false: an interrupt came (after Platform::catch_interrupts()). Looks ten times a second.
[[nodiscard]] bool wait(Platform& platform, std::chrono::milliseconds time);

}  // namespace twctl
