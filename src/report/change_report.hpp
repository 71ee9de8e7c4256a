// What a changing command did, or of a dry run would do, as its text and its JSON tell it. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/pending.hpp"
#include "apply/planned_changes.hpp"
#include "journal/change.hpp"
#include "journal/history.hpp"

namespace twctl {

enum class ChangeState { unchanged, applied, pending, rolled_back };

struct Wait {
  std::chrono::seconds left{0};
  std::int64_t until = 0;  // the deadline by the date, in seconds since 1970
  ArmedTimers timers;
  std::string unit = {};  // of systemd's, in which the watchdog runs; raw. "" for none
};

struct ChangeReport {
  ChangeState state = ChangeState::unchanged;
  bool dry_run = false;   // all of it is what would be: nothing was changed
  std::string id = {};    // "" if unchanged
  std::string keep = {};  // the command that confirms it
  std::string undo = {};  // the command that rolls it back
  std::vector<std::string> accepted = {};
  bool values_set = false;                     // live values are among what changed
  bool file_written = false;                   // a boot file is
  DiffSides diff = {};                         // everything that changed
  std::optional<DiffSides> confirm_diff = {};  // pending: what confirming it adds
  std::vector<std::string> restore = {};       // commands that undo it without twctl
  std::optional<Wait> wait = {};               // pending: until when, and what acts then
  std::vector<std::string> restart = {};       // keys that wait for a restart
};

// `location`: StateStore::location(). Without a change: unchanged.
// A pending change that went back is told from its own end: after what it had set, before what came back.
[[nodiscard]] ChangeReport report_of(const std::optional<Change>& change, ChangeState state,
                                     const std::string& location);

// It was a dry run, so that there is no change to name, or to undo.
void make_dry(ChangeReport& report);

// The part of a change that has been, or may have been, carried out: no file is written before the decision to keep it.
[[nodiscard]] Intent carried_out(const Change& change);

// Commands that undo that without twctl; none where it has gone back already.
[[nodiscard]] std::vector<std::string> restore_of(const Change& change, const std::string& location);

// The same from where one stands: in the network namespace where its values are now, and without those that have gone.
[[nodiscard]] std::vector<std::string> restore_of(const HistoryEntry& entry, const std::string& location);

[[nodiscard]] std::string_view name_of(ChangeState state);  // "rolled-back"

// "watchdog and twctl-deadline.path", "watchdog only" and what ends that. `unit`: Wait::unit, "" also if not known.
[[nodiscard]] std::string timers_text(const ArmedTimers& timers, const std::string& unit);

// "needed: TcpTimedWaitDelay takes effect when Windows has started again"; "" for no keys.
[[nodiscard]] std::string restart_text(const std::vector<std::string>& keys);

}  // namespace twctl
