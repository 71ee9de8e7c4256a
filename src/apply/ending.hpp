// How a change ends, whoever ends it: the run that made it, the next one after a crash, or a timer.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "apply/steps.hpp"
#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What became of a change that was to end.
struct Ended {
  Change change;                         // with its end, unless something failed
  Leftovers leftovers;                   // with failures the change stays unfinished, and the next run looks again
  std::optional<Error> unrecorded = {};  // as with failures: why a decision or end could not be recorded
};

// Records the end that `ended` has, and tells its timers and the system's log, which calls it `action`; "" where the
// run ends its own change. false: its timers could not be told. Error: failed.
[[nodiscard]] Result<bool> end_change(Platform& host, const Change& ended, std::string_view action = "");

// The same of a change of which nothing more is to be done, unless something of it failed. Whether its timers could be
// told does not count: what they would take back is back, or they look at the decision before they do.
[[nodiscard]] Ended end_unless_failed(Platform& host, Change change, Ending ending, Leftovers leftovers,
                                      std::string_view action);

struct Undoing {
  DecisionRecord decision;  // against the change
  std::function<Leftovers()> restore;
  Ending ending = Ending::rolled_back;
  std::string_view action = "";
};

// The decision comes before the first value goes back, so that nobody can commit what is being undone; then `restore`,
// then the end. Where the decision cannot be published the values are restored all the same, and the change stays
// unfinished; before its deadline it awaits confirmation no more, so that the next run ends it. nullopt: it was decided
// for; that cannot be taken back, only carried on.
[[nodiscard]] std::optional<Ended> take_back(Platform& host, Change change, const Undoing& undoing);

}  // namespace twctl
