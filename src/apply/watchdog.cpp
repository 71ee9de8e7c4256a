#include "apply/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "apply/ending.hpp"
#include "apply/pending.hpp"
#include "apply/recover.hpp"
#include "apply/steps.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"

namespace twctl {
namespace {

constexpr const char* kNoTimerHint =
    "nothing would roll the change back at its deadline; enable twctl-deadline.path, or apply without --confirm-within";

// How often a waiter looks for the decision: it ends soon after it, and costs next to nothing.
constexpr std::chrono::milliseconds kLook{500};
// How long one try waits for another run to give up the lock. That run is at work on something else: whoever made this
// change has been ended.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kBeforeNextTry{2};
// What systemd is given to start the service; well below the shortest deadline. Where all depends on it, more, but no
// more than half of the time that the change has.
constexpr std::chrono::seconds kServiceStart{2};
constexpr std::chrono::seconds kNeededServiceStart{10};
constexpr std::chrono::milliseconds kServiceLook{20};

// A unit that is enabled may be masked, not started yet, or unable to run its service: only the service itself counts.
void wait_for_path_unit(Platform& host, std::chrono::nanoseconds patience) {
  DeadlineTimers& timers = host.timers();
  const auto end = timers.now() + patience;
  while (!host.state().is_held(StateStore::Lock::path_unit) && timers.now() < end) {
    timers.sleep_until(timers.now() + kServiceLook);
  }
}

// The watchdog without its unit is not enough where systemd ends both with a service that this run is part of.
bool ends_with_service(const DeadlineTimers::Surroundings& around) { return around.unit.ends_with(".service"); }

Error dies_with_service(const DeadlineTimers::Surroundings& around) {
  return {.code = ErrorCode::refused,
          .message = fmt::format("this run is part of {}, and when that stops, systemd ends the watchdog with it",
                                 escape(around.unit)),
          .hint = fmt::format(
              "{}run twctl outside of the service: systemd-run --scope twctl ...",
              around.path_unit_installed ? "systemctl enable --now twctl-deadline.path, whose timer stays; or " : "")};
}

bool is_rewritten(const Result<Change>& recorded, const Change& change) {
  return recorded && recorded->intent != change.intent;
}

// A decision that cannot be read counts as none, and so does one beside records that are damaged or not those of this
// change any more: the run that takes the lock at the deadline will judge it.
bool is_decided(StateStore& state, const Change& change) {
  const auto decision = decision_on(state, change);
  if (!decision || !*decision) return false;
  const Result<Change> recorded = as_recorded(state, change);
  return recorded && !is_rewritten(recorded, change);
}

void wait_for_deadline(Platform& host, const Change& change) {
  DeadlineTimers& timers = host.timers();
  while (timers.now() < *change.intent.deadline) {
    if (is_decided(host.state(), change)) return;
    timers.sleep_until(std::min(*change.intent.deadline, timers.now() + std::chrono::nanoseconds(kLook)));
  }
}

// Whether the values may go back without the record: nobody has decided to keep them, and from now on nobody can. Where
// no decision can be published or read, the file `pending` tells.
bool may_go_back(StateStore& state, const Change& change, const RunFacts& by) {
  if (!is_recorded(state, change)) return state.claim_pending();
  const Result<Decision> decision = decide(state, change, {Decision::roll_back, by, true});
  return decision ? decision == Decision::roll_back : state.claim_pending();
}

// Whether the change has set it, or has left a line for it.
bool speaks_of(const Intent& intent, const std::string& key) {
  const auto names_it = [&](const auto& one) { return one.key == key; };
  if (std::any_of(intent.settings.begin(), intent.settings.end(), names_it)) return true;
  return std::any_of(intent.files.begin(), intent.files.end(), [&](const FileChange& file) {
    const auto lines = read_assignments(file.after.value_or(""), Loader::procps).assignments;
    return std::any_of(lines.begin(), lines.end(), names_it);
  });
}

// The changes that were made since the record of this one has gone, or was moved away: a package was purged, say, and
// installed again. `older`: the folders of the changes that were there before it had to go back.
std::vector<Change> made_since(StateStore& state, const Change& change, const std::vector<std::string>& older) {
  const std::unique_ptr<StateStore> successor = state.successor();
  if (!successor && is_recorded(state, change)) return {};
  auto journal = load_sound_changes(successor ? *successor : state, Texts::in_little);
  if (!journal) return {};
  std::erase_if(journal->changes, [&](const Change& other) { return is_one_of(other.folder, older); });
  return std::move(journal->changes);
}

std::vector<SettingChange> without(std::vector<SettingChange> settings, const Change& other) {
  std::erase_if(settings, [&](const SettingChange& one) { return speaks_of(other.intent, one.key); });
  return settings;
}

// Who has applied since then was promised the value that is there.
std::vector<SettingChange> not_promised_since(StateStore& state, const Change& change,
                                              const std::vector<std::string>& older) {
  std::vector<SettingChange> left = change.intent.settings;
  for (const Change& other : made_since(state, change, older)) {
    if (other.decision == Decision::commit) left = without(std::move(left), other);
  }
  return left;
}

// What another change has set since then, and is to go back with it or to stay, lies on top of ours, which therefore
// waits for its end, and some seconds more than it has. All else goes back.
void let_end_what_is_on_top(Platform& host, const Change& change, const std::vector<std::string>& older) {
  const auto left_alone = [&] {
    std::vector<SettingChange> left = change.intent.settings;
    for (const Change& other : made_since(host.state(), change, older)) {
      const bool waits = !other.done && other.intent.deadline;
      if (waits && host.timers().now() < *other.intent.deadline + kPatience) left = without(std::move(left), other);
    }
    return left;
  };
  if (left_alone() == change.intent.settings || !may_go_back(host.state(), change, host.run().facts())) return;
  (void)restore_settings(host.settings(), left_alone());
  while (left_alone() != change.intent.settings && !host.run().interrupted()) {
    host.timers().sleep_until(host.timers().now() + kLook);
  }
}

// Whether the change was kept in a copy of the state directory that stands in its place, where people see it and
// confirm it: on another disk, say. From now on nobody can do so any more.
bool was_kept_in_copy(Platform& host, const Change& change) {
  const std::unique_ptr<StateStore> copy = host.state().successor();
  const Result<Change> there = copy ? as_recorded(*copy, change) : fail(ErrorCode::failed, "");
  if (!there || there->intent != change.intent) return false;
  const Result<Decision> decision = decide(*copy, change, {Decision::roll_back, host.run().facts(), true});
  if (decision != Decision::commit) return false;
  (void)decide(host.state(), change, {.decision = Decision::commit, .by = there->decided_by});
  return true;
}

// The same as try_to_end(), by a record that was moved away with its directory. It gets its end there, so that nobody
// finds it unfinished who moves it back.
std::optional<Error> end_where_it_is(Platform& host, const Change& change, const std::vector<std::string>& older) {
  if (const Result<void> locked = host.state().lock(kPatience); !locked) return locked.error();
  if (has_end(host.state(), change)) return std::nullopt;
  const std::vector<SettingChange> ours = not_promised_since(host.state(), change, older);
  const std::optional<Ended> undone = take_back(host, change,
                                                {.decision = {Decision::roll_back, host.run().facts(), true},
                                                 .restore = [&] { return restore_settings(host.settings(), ours); },
                                                 .deed = "timeout of"});
  if (!undone || is_finished(undone->change)) return std::nullopt;
  return undone->unrecorded ? *undone->unrecorded : undone->leftovers.failures.front();
}

// One try to end the change by its record: recover_and_open_journal() does that for every change that is overdue. What
// has kept it from its end; nullopt: it has one.
std::optional<Error> try_to_end(Platform& host, const Change& change, const JournalRequest& request,
                                const std::vector<std::string>& older) {
  if (!is_recorded(host.state(), change)) {
    return Error{.code = ErrorCode::invalid, .message = "its record has been taken away"};
  }
  if (is_rewritten(as_recorded(host.state(), change), change)) {
    return Error{.code = ErrorCode::invalid, .message = "its record has been rewritten"};
  }
  if (host.state().successor()) return end_where_it_is(host, change, older);
  const Result<OpenJournal> journal = recover_and_open_journal(host, request);
  if (has_end(host.state(), change)) {
    if (!journal) (void)recover_and_open_journal(host, request);  // only what is left over: that is tried once more
    return std::nullopt;
  }
  if (!journal) return journal.error();
  return journal->damage.value_or(Error{.code = ErrorCode::failed, .message = "its record was not found"});
}

// The values must not wait for the record: it may be gone (a package was purged, say), damaged, or closed to this run,
// and somebody may hold the lock for ever. What this process knows is enough to put them back. What was
// somebody else's; nullopt: the change was kept, or had its end before. Error: as of a write.
Result<std::optional<Leftovers>> restore_without_record(Platform& host, const Change& change,
                                                        const std::vector<std::string>& older) {
  if (!may_go_back(host.state(), change, host.run().facts())) return std::nullopt;
  Leftovers left = restore_settings(host.settings(), not_promised_since(host.state(), change, older));
  if (!left.failures.empty()) return fail(left.failures.front());
  return std::optional(std::move(left));
}

// What no further try can mend, but a person.
bool needs_a_person(const Error& error) {
  return error.code == ErrorCode::invalid || error.code == ErrorCode::denied || error.code == ErrorCode::unwritable;
}

// The values are back, and the record is left to the next run. It is not announced any more, or the path unit would
// start its service again and again; without a record, what is announced may be another change.
void leave_record(Platform& host, Change change, const Leftovers& left, const Error& why) {
  change.done = Done{.ending = Ending::rolled_back, .conflicts = left.conflicts};
  host.run().log(
      fmt::format("{}; from memory: {}", recovery_line(change, "timeout of", host.run().facts()), why.message));
  if (is_recorded(host.state(), change)) (void)host.state().withdraw_pending();
}

void tell_delay(Platform& host, const Change& change, bool restored, const Error& why) {
  host.run().log(fmt::format("timeout of {}: {}: {}; tried again every {} s", change.intent.id,
                             restored ? "the values are back, but it has no end yet" : "not yet", why.message,
                             kBeforeNextTry.count()));
}

// Whoever holds the lock may be stopped, and what fails now may work later: this process stays until the change has its
// end, or the values are back and only a person could end it. Between two tries it lets go of the lock; it ends on a
// signal.
void end_overdue(Platform& host, const Change& change, const JournalRequest& request,
                 const std::vector<std::string>& older) {
  if (was_kept_in_copy(host, change)) return;
  let_end_what_is_on_top(host, change, older);
  bool told = false;
  std::optional<Leftovers> restored;
  while (std::optional<Error> error = try_to_end(host, change, request, older)) {
    if (!restored) {
      Result<std::optional<Leftovers>> now = restore_without_record(host, change, older);
      if (now && !*now) return;
      if (now) restored = std::move(*now);
      if (!now) error = now.error();
    }
    if (restored && needs_a_person(*error)) return leave_record(host, change, *restored, *error);
    host.state().let_go(StateStore::Lock::run);
    if (!std::exchange(told, true)) tell_delay(host, change, restored.has_value(), *error);
    if (host.run().interrupted()) return;
    const bool busy = error->code == ErrorCode::busy;  // then the try has waited already
    if (!busy) host.timers().sleep_until(host.timers().now() + kBeforeNextTry);
  }
}

}  // namespace

Result<void> refuse_mortal_watchdog(Platform& host) {
  const DeadlineTimers::Surroundings around = host.timers().surroundings();
  if (around.path_unit_enabled) return {};
  if (ends_with_service(around)) return fail(dies_with_service(around));
  if (!around.no_watchdog.empty()) return fail(ErrorCode::refused, around.no_watchdog, kNoTimerHint);
  return {};
}

Result<void> arm_timers(Platform& host, const Change& change) {
  TRY_VOID(host.state().hold(StateStore::Lock::watchdog, {}));
  const Result<void> started =
      host.timers().start_watchdog([&](const auto& starter) { keep_watch(host, change, starter); });
  host.state().let_go(StateStore::Lock::watchdog);  // the watchdog has its own hold
  const DeadlineTimers::Surroundings around = host.timers().surroundings();
  if (change.intent.origin.loaded_at_boot && around.path_unit_enabled) {
    const std::chrono::nanoseconds half = (*change.intent.deadline - host.timers().now()) / 2;
    const std::chrono::nanoseconds needed = std::min<std::chrono::nanoseconds>(kNeededServiceStart, half);
    wait_for_path_unit(host, ends_with_service(around) ? needed : kServiceStart);
  }
  const ArmedTimers timers = armed_timers(host);
  if (timers.watchdog && !timers.path_unit && ends_with_service(around)) return fail(dies_with_service(around));
  if (timers.watchdog || timers.path_unit) return {};
  if (!started && started.error().code == ErrorCode::failed) return started;  // this run's own trouble, not the host's
  return fail(ErrorCode::refused,
              started ? "the watchdog that would roll the change back has ended at once" : started.error().message,
              kNoTimerHint);
}

void keep_watch(Platform& host, const Change& change, const DeadlineTimers::Starter& starter) {
  const std::vector<std::string> older = host.state().folders().value_or(std::vector<std::string>());
  host.state().let_go(StateStore::Lock::run);  // before the starter goes on: it must not leave its lock to this process
  starter.release();
  wait_for_deadline(host, change);
  if (is_decided(host.state(), change)) return;
  host.state().let_go(StateStore::Lock::run);  // the directory may be another one by now
  // The apply itself may still hold the lock, at work or stopped. Its deadline has come, so it is ended.
  if (!is_recorded(host.state(), change) || !host.state().lock(std::chrono::milliseconds(0))) starter.end();
  end_overdue(host, change, {.wait = kPatience}, older);
}

Result<void> roll_back_when_due(Platform& host, JournalRequest request) {
  request.wait = kPatience;
  TRY(const HostFacts facts, host.host_facts());
  TRY(const Journal journal, load_journal(host.state()));
  for (const Change& change : journal.unfinished) {
    const std::optional<Whereabouts> where = where_it_stands(host, facts, change.intent);
    if (!where) continue;
    // Only a service that can roll the change back from here shows itself as one of its timers.
    if (where == Whereabouts::here) (void)host.state().hold(StateStore::Lock::path_unit, {});
    wait_for_deadline(host, change);
    if (where == Whereabouts::here) end_overdue(host, change, request, journal.folders);
  }
  return {};
}

}  // namespace twctl
