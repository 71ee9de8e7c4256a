// What a change that awaits confirmation waits with: a clock that no date moves and that counts suspend, and the
// processes that act when nobody is left to.
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

  // Runs `body` in a process that outlives this one, its terminal, its session and its process group, and that holds
  // none of the descriptors that this one was started with. Comes back when body has called ready(), or its process
  // has ended without. Error: failed.
  using Watch = std::function<void(const std::function<void()>& ready)>;
  [[nodiscard]] virtual Result<void> start_watchdog(const Watch& body) = 0;

  // In the watchdog: ends the process that started it, if that one still runs (it may be stopped), and waits for its
  // end.
  virtual void end_starter() = 0;

  // Whether systemd may be expected to watch the state directory with twctl-deadline.path here. Whether it does, only
  // its service can show (StateStore::is_waiting).
  [[nodiscard]] virtual bool path_unit_is_enabled() = 0;
};

}  // namespace twctl
