// A change that awaits confirmation: when it does, what waits with it, and what its watchdog does.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

inline constexpr std::chrono::seconds kShortestConfirm{5};
inline constexpr std::chrono::seconds kLongestConfirm{24 * 3600};

// Applied, undecided, before its deadline in this boot, and its values have not gone with their namespace. Afterwards
// it is overdue, and everybody who may change something rolls it back.
[[nodiscard]] bool is_pending(Platform& host, const HostFacts& facts, const Change& change);

// Of a change of this boot; below zero once it is overdue.
[[nodiscard]] std::chrono::seconds time_left(Platform& host, const Change& change);

// What will act at the deadline where nobody else does.
struct Timers {
  bool watchdog = false;   // lives
  bool path_unit = false;  // twctl-deadline.path has started its service
  friend bool operator==(const Timers&, const Timers&) = default;
};
[[nodiscard]] Timers standing_timers(Platform& host);

// Announces the change, starts its watchdog, and gives the path unit a moment, where there may be one, to start its
// service. Error: refused, if nothing would act at the deadline.
[[nodiscard]] Result<void> arm_timers(Platform& host, const Change& change);

// In the watchdog, after which it ends: waits for the decision or the deadline, and then rolls back what is due.
void keep_watch(Platform& host, const Change& change, const std::function<void()>& ready);

// Sleeps until `change` is decided or its deadline has come.
void wait_for_deadline(Platform& host, const Change& change);

// In the path unit's service, which must not end while the change is announced: it would be started again at once.
// Waits, if there is something to wait for, and shows that it does where it can then roll the change back.
void wait_along(Platform& host, const HostFacts& facts, const Change& change);

// Error: busy, with how to end it.
[[nodiscard]] Error awaits_confirmation(Platform& host, const Change& change);

}  // namespace twctl
