#include "apply/pending.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "apply/steps.hpp"
#include "base/clock_text.hpp"
#include "journal/change_words.hpp"
#include "journal/journal.hpp"

namespace twctl {
namespace {

bool is_applied_and_undecided(const Change& change) { return change.applied && !change.decision && !change.done; }

}  // namespace

bool is_pending(Platform& host, const HostFacts& facts, const Change& change) {
  if (!is_applied_and_undecided(change)) return false;
  return deadline_place(host, facts, change.intent) && host.timers().now() < *change.intent.deadline;
}

std::optional<Whereabouts> deadline_place(Platform& host, const HostFacts& facts, const Intent& intent) {
  if (!intent.deadline || !is_of_this_boot(facts, intent.origin)) return std::nullopt;
  const Whereabouts where = find_values(host, facts, intent.origin);
  return where == Whereabouts::here || where == Whereabouts::elsewhere ? std::optional(where) : std::nullopt;
}

std::chrono::seconds time_left(Platform& host, const Change& change) {
  return std::chrono::ceil<std::chrono::seconds>(*change.intent.deadline - host.timers().now());
}

std::int64_t deadline_time(Platform& host, const Change& change) {
  constexpr std::int64_t kRounding = 2;  // seconds; a leap of the date is larger, or does not matter to people
  const std::int64_t by_date = host.run().facts().time + time_left(host, change).count();
  const std::int64_t recorded = change.intent.deadline_time.value_or(by_date);
  return std::abs(recorded - by_date) <= kRounding ? recorded : by_date;
}

bool is_still_in_force(Platform& host, const HostFacts& facts, const Intent& intent) {
  const Whereabouts where = find_values(host, facts, intent.origin);
  if (where == Whereabouts::gone || where == Whereabouts::elsewhere) return where == Whereabouts::elsewhere;
  const Result<std::vector<std::string>> files = files_changed_by_others(host.boot_files(), intent);
  if (!files || !files->empty()) return true;
  if (where == Whereabouts::restarted && !outlives_restart(facts, intent.origin)) return false;
  const Result<std::vector<std::string>> not_ours = settings_changed_by_others(host.settings(), intent);
  return !not_ours || not_ours->size() < intent.settings.size();
}

std::vector<Change> as_if_kept(std::vector<Change> journal, const Change& pending) {
  for (Change& change : journal) {
    if (change.intent.id != pending.intent.id) continue;
    change.decision = Decision::commit;
    change.done = Done{};
    for (FileChange& file : change.intent.files) file.after = file.before;
  }
  return journal;
}

ArmedTimers armed_timers(Platform& host) {
  return {.watchdog = host.state().is_held(StateStore::Lock::watchdog),
          .path_unit = host.state().is_held(StateStore::Lock::path_unit),
          .may_enable = host.timers().surroundings().path_unit_installed};
}

std::string pending_command(Platform& host, const Intent& intent, std::string_view verb) {
  // The name may be gone, or another one's by now, while the watchdog still holds the namespace.
  const std::string there = command_there(host, intent.origin, fmt::format("{} {}", verb, short_id(intent.id)));
  return there.empty() ? command_for(intent, verb, host.state().location()) : there;
}

std::string recover_command(Platform& host, const HostFacts& facts, const Intent& intent) {
  const std::string& location = host.state().location();
  if (find_values(host, facts, intent.origin) != Whereabouts::elsewhere)
    return command_in(facts.netns, "recover", location);
  const std::string there = command_there(host, intent.origin, "recover");
  return there.empty() ? command_in(intent.origin.netns, "recover", location) : there;
}

Result<void> check_decision_recordable(Platform& host, const Change& change) {
  // Its decision and its end; and the file `pending`, which is there, then says so.
  const Result<void> room = host.state().check_room({.small_ones = {.files = 2, .blocks = 3}});
  if (room) return {};
  return fail(ErrorCode::partial,
              fmt::format("change {}: its values would go back, and its end could not be recorded: {}; nothing was "
                          "changed: a dry run",
                          change.intent.id, room.error().message),
              room.error().hint);
}

Error awaits_confirmation(Platform& host, const Change& change) {
  return {.code = ErrorCode::busy,
          .message = fmt::format("change {} awaits confirmation until {}, {} s are left", change.intent.id,
                                 time_text(deadline_time(host, change)), time_left(host, change).count()),
          .hint = fmt::format("`{}` keeps it, `{}` undoes it", pending_command(host, change.intent, "confirm"),
                              pending_command(host, change.intent, "rollback")),
          .reasons = {"pending"}};
}

std::string pending_note(Platform& host, const HostFacts& facts, const Result<std::optional<Change>>& newest) {
  if (!facts.live || facts.captured || facts.os == Os::windows) return "";  // where nothing is ever pending
  // No change begins while another one is pending, so only the newest can be.
  if (!newest || !*newest || !is_applied_and_undecided(**newest)) return "";
  const Change& change = **newest;
  const std::string id = short_id(change.intent.id);
  if (is_pending(host, facts, change)) {
    return fmt::format("change {} awaits confirmation until {}, and goes back then; to keep it: {}", id,
                       time_text(deadline_time(host, change)), pending_command(host, change.intent, "confirm"));
  }
  const std::string recover = recover_command(host, facts, change.intent);
  if (is_still_in_force(host, facts, change.intent))
    return fmt::format("change {} was not confirmed in time and is to be taken back: {}", id, recover);
  return fmt::format("change {} was not confirmed in time and is no longer in force; to close it: {}", id, recover);
}

}  // namespace twctl
