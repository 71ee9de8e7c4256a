// A change that awaits confirmation (apply --confirm-within): whether it does, until when, what acts at its deadline,
// and how people are told. Asks and changes nothing; apply/watchdog.hpp acts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "journal/origin.hpp"
#include "platform/platform.hpp"

namespace twctl {

inline constexpr std::chrono::seconds kShortestConfirm{5};
inline constexpr std::chrono::seconds kLongestConfirm{24 * 3600};

// Applied, undecided, before its deadline in this boot, and its values have not gone with their namespace. Afterwards
// it is overdue, and whatever run changes something next rolls it back.
[[nodiscard]] bool is_pending(Platform& host, const HostFacts& facts, const Change& change);

// Where the values lie that are to go back at the deadline: `here` or `elsewhere`. nullopt: there is no deadline, or a
// boot or the end of their namespace has already taken them back.
[[nodiscard]] std::optional<Whereabouts> deadline_place(Platform& host, const HostFacts& facts, const Intent& intent);

// Until the deadline of a change of this boot; below zero once it is overdue.
[[nodiscard]] std::chrono::seconds time_left(Platform& host, const Change& change);

// The deadline of a change of this boot, in seconds since 1970. It is kept by the boot clock, which no date moves, and
// told by the date: as the date was when the change was made, or by the new one where that has been set since.
[[nodiscard]] std::int64_t deadline_time(Platform& host, const Change& change);

// Whether anything of an overdue change is still in force: a boot may have taken it back, or a run that could then not
// record that. What cannot be seen from here counts as in force.
[[nodiscard]] bool is_still_in_force(Platform& host, const HostFacts& facts, const Intent& intent);

// The journal as if the pending change were kept: what it has set counts as left by it, and so does what it has found
// of its files, which are written only then.
[[nodiscard]] std::vector<Change> as_if_kept(std::vector<Change> journal, const Change& pending);

// What will act at the deadline where nobody else does.
struct ArmedTimers {
  bool watchdog = false;    // its process lives
  bool path_unit = false;   // twctl-deadline.path has started its service
  bool may_enable = false;  // that unit is installed here
  friend bool operator==(const ArmedTimers&, const ArmedTimers&) = default;
};
[[nodiscard]] ArmedTimers armed_timers(Platform& host);

// What confirms it, or takes it back: in the network namespace of the change, wherever that is found now.
[[nodiscard]] std::string pending_command(Platform& host, const Intent& intent, std::string_view verb);

// What ends a change that is unfinished or overdue: where its values are, or, if they have gone or a boot has set them
// anew, here.
[[nodiscard]] std::string recover_command(Platform& host, const HostFacts& facts, const Intent& intent);

// By a dry run: whether the decision on the pending change can be recorded. Without it the values go back, and nothing
// says so. Error: partial.
[[nodiscard]] Result<void> check_decision_recordable(Platform& host, const Change& change);

// Why no other change may begin meanwhile. Error: busy, with how to end it.
[[nodiscard]] Error awaits_confirmation(Platform& host, const Change& change);

// The pending change in one printable line, for commands that look at the host and change nothing. "" where no change
// is pending, and where the journal cannot be read: only root may, and `twctl status` says why. `newest`:
// newest_change().
[[nodiscard]] std::string pending_note(Platform& host, const HostFacts& facts,
                                       const Result<std::optional<Change>>& newest);

}  // namespace twctl
