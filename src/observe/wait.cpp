#include "observe/wait.hpp"

#include <algorithm>

namespace twctl {

bool wait(Platform& platform, std::chrono::milliseconds time) {
  constexpr std::chrono::nanoseconds kSlice = std::chrono::milliseconds(100);
  DeadlineTimers& timers = platform.timers();
  const std::chrono::nanoseconds end = timers.now() + time;
  while (!platform.run().interrupted()) {
    const std::chrono::nanoseconds now = timers.now();
    if (now >= end) return true;
    timers.sleep_until(std::min(end, now + kSlice));
  }
  return false;
}

}  // namespace twctl
