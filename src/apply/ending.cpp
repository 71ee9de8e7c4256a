#include "apply/ending.hpp"

#include <utility>

#include "journal/change_words.hpp"
#include "journal/journal.hpp"

namespace twctl {

Result<bool> end_change(Platform& host, const Change& ended, std::string_view action) {
  TRY(const bool told, finish(host.state(), ended, *ended.done));
  const RunFacts by = host.run().facts();
  host.run().log(action.empty() ? change_line(ended, by) : recovery_line(ended, action, by));
  return told;
}

Ended end_unless_failed(Platform& host, Change change, Ending ending, Leftovers leftovers, std::string_view action) {
  if (!leftovers.failures.empty()) return {.change = std::move(change), .leftovers = std::move(leftovers)};
  change.done = Done{.ending = ending, .conflicts = leftovers.conflicts};
  if (const Result<bool> told = end_change(host, change, action); !told) {
    change.done.reset();
    return {.change = std::move(change), .leftovers = std::move(leftovers), .unrecorded = told.error()};
  }
  return {.change = std::move(change), .leftovers = std::move(leftovers)};
}

std::optional<Ended> take_back(Platform& host, Change change, const Undoing& undoing) {
  const Result<Decision> decision = decide(host.state(), change, undoing.decision);
  if (decision == Decision::commit) return std::nullopt;
  const bool early = change.applied && !undoing.decision.lapsed;
  if (!decision && early) (void)unmark_applied(host.state(), change);  // if that fails too, its timers see to it
  Leftovers leftovers = undoing.restore();
  if (!decision)
    return Ended{.change = std::move(change), .leftovers = std::move(leftovers), .unrecorded = decision.error()};
  if (!change.decision) {
    change.decision = *decision;
    change.decided_by = undoing.decision.by;
    change.lapsed = undoing.decision.lapsed;
    change.decision_reason = undoing.decision.reason;
  }
  return end_unless_failed(host, std::move(change), undoing.ending, std::move(leftovers), undoing.action);
}

}  // namespace twctl
