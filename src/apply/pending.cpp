#include "apply/pending.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "apply/deadline.hpp"
#include "apply/recover.hpp"
#include "base/clock_text.hpp"
#include "journal/command_on.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"

namespace twctl {
namespace {

// Short enough that a watchdog ends soon after the decision, long enough to cost nothing.
constexpr std::chrono::milliseconds kLook{500};
// A run that holds the lock is at work; it is not this change's own, which has been ended. For so long at a time.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kBeforeNextTry{2};
// For systemd to start a service; well below the shortest deadline.
constexpr std::chrono::seconds kServiceStart{2};
constexpr std::chrono::milliseconds kServiceLook{20};

// Where what is to go back at a deadline stands; nullopt: a boot or the end of their namespace has taken it back.
std::optional<Whereabouts> where_it_stands(Platform& host, const HostFacts& facts, const Intent& intent) {
  if (!intent.deadline || intent.origin.boot_id != facts.boot_id) return std::nullopt;
  const Whereabouts where = find_values(host, facts, intent.origin);
  return where == Whereabouts::here || where == Whereabouts::elsewhere ? std::optional(where) : std::nullopt;
}

// A unit that is enabled may be masked, not started yet, or unable to run its service: only the service itself counts.
void wait_for_path_unit(Platform& host) {
  DeadlineTimers& timers = host.timers();
  const auto end = timers.now() + kServiceStart;
  while (!host.state().is_waiting(StateStore::Waiter::path_unit) && timers.now() < end) {
    timers.sleep_until(timers.now() + kServiceLook);
  }
}

// What cannot be read is for the run that takes the lock to judge, at the deadline.
bool is_decided(StateStore& state, const Change& change) {
  const auto decision = decision_on(state, change);
  return decision && decision->has_value();
}

void log_failure(Platform& host, const Change& change, const Error& error) {
  host.log(fmt::format("timeout of {}: not yet: {}; tried again every {} s", change.intent.id, error.message,
                       kBeforeNextTry.count()));
}

// What keeps the change from its end; nullopt: nothing does, it has one.
std::optional<Error> try_to_end(Platform& host, const Change& change) {
  const Result<OpenJournal> journal = open_journal(host, {.wait = kPatience});
  if (!journal) return journal.error();
  return has_end(host.state(), change) ? std::nullopt : journal->damage;
}

// Whoever holds the lock may be stopped, and what fails now may work later: this process stays until the change has its
// end. In between it lets go of the lock, ends on a signal, and ends where the journal has been taken away.
void end_overdue(Platform& host, const Change& change) {
  bool told = false;
  while (const std::optional<Error> error = try_to_end(host, change)) {
    const bool busy = error->code == ErrorCode::busy;  // which is no failure, and has waited
    host.state().unlock();
    if (!busy && !std::exchange(told, true)) log_failure(host, change, *error);
    if (host.interrupted() || !is_recorded(host.state(), change)) return;
    if (!busy) host.timers().sleep_until(host.timers().now() + kBeforeNextTry);
  }
}

}  // namespace

bool is_pending(Platform& host, const HostFacts& facts, const Change& change) {
  if (!change.applied || change.decision || change.done) return false;
  return where_it_stands(host, facts, change.intent) && host.timers().now() < *change.intent.deadline;
}

std::chrono::seconds time_left(Platform& host, const Change& change) {
  return std::chrono::ceil<std::chrono::seconds>(*change.intent.deadline - host.timers().now());
}

Timers standing_timers(Platform& host) {
  return {.watchdog = host.state().is_waiting(StateStore::Waiter::watchdog),
          .path_unit = host.state().is_waiting(StateStore::Waiter::path_unit)};
}

Result<void> arm_timers(Platform& host, const Change& change) {
  TRY_VOID(host.state().announce_pending());
  const Result<void> started =
      host.timers().start_watchdog([&](const auto& ready) { keep_watch(host, change, ready); });
  host.state().hand_over_pending();
  if (change.intent.origin.loaded_at_boot && host.timers().path_unit_is_enabled()) wait_for_path_unit(host);
  const Timers timers = standing_timers(host);
  if (timers.watchdog || timers.path_unit) return {};
  return fail(ErrorCode::refused,
              started ? "the watchdog that would roll the change back has ended at once" : started.error().message,
              "nothing would roll the change back at its deadline; enable twctl-deadline.path, or apply without "
              "--confirm-within");
}

void keep_watch(Platform& host, const Change& change, const std::function<void()>& ready) {
  host.state().unlock();  // before the starter goes on: it must not leave its lock to this process
  ready();
  wait_for_deadline(host, change);
  if (is_decided(host.state(), change)) return;
  if (!host.state().lock(std::chrono::milliseconds(0))) host.timers().end_starter();
  end_overdue(host, change);
}

void wait_for_deadline(Platform& host, const Change& change) {
  DeadlineTimers& timers = host.timers();
  while (timers.now() < *change.intent.deadline) {
    if (is_decided(host.state(), change)) return;
    timers.sleep_until(std::min(*change.intent.deadline, timers.now() + std::chrono::nanoseconds(kLook)));
  }
}

void wait_along(Platform& host, const HostFacts& facts, const Change& change) {
  const std::optional<Whereabouts> where = where_it_stands(host, facts, change.intent);
  if (!where) return;
  if (where == Whereabouts::here) host.state().attend_pending();
  wait_for_deadline(host, change);
}

Error awaits_confirmation(Platform& host, const Change& change) {
  const std::string& id = change.intent.id;
  const std::string& netns = change.intent.origin.netns;
  return {.code = ErrorCode::busy,
          .message = fmt::format("change {} awaits confirmation until {}, {} s are left", id,
                                 time_text(deadline_time(host, change)), time_left(host, change).count()),
          .hint = fmt::format("`{}` keeps it, `{}` undoes it", command_on(id, netns, "confirm"),
                              command_on(id, netns, "rollback"))};
}

}  // namespace twctl
