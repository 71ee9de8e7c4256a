// The timers of a change that awaits confirmation: a clock that a new date does not move and that counts suspend, and
// processes that act at the deadline if nobody else does.
#pragma once

#include <chrono>
#include <functional>

#include "base/result.hpp"

namespace twctl {

class DeadlineTimers {
 public:
  DeadlineTimers() = default;
  DeadlineTimers(const DeadlineTimers&) = delete;
  DeadlineTimers& operator=(const DeadlineTimers&) = delete;
  virtual ~DeadlineTimers() = default;

  // Since boot, suspend included (CLOCK_BOOTTIME). Two boots' times do not compare.
  [[nodiscard]] virtual std::chrono::nanoseconds now() = 0;
  virtual void sleep_until(std::chrono::nanoseconds time) = 0;

  // The process that started a watchdog, as the watchdog sees it.
  struct Starter {
    std::function<void()> release;  // lets its start_watchdog() come back
    std::function<void()> end;      // ends it, if it still runs (it may be stopped), and waits for its end
  };

  // Runs `body` in a process that outlives this one, its terminal, its session and its process group, and that holds
  // none of the descriptors that this one was started with. Comes back when body has called release(), or its process
  // has ended without. Error: failed.
  using Watch = std::function<void(const Starter&)>;
  [[nodiscard]] virtual Result<void> start_watchdog(const Watch& body) = 0;
};

}  // namespace twctl
