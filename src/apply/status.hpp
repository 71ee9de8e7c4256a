// Journal x host as it is -> what `twctl status` says. Reads; changes nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "apply/pending.hpp"
#include "base/result.hpp"
#include "journal/history.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What twctl left, and what is there now.
struct Drift {
  std::string what;    // key or path
  std::string ours;    // "" for a file
  std::string found;   // "" for a file
  std::string change;  // id of the change that left it
  // Arguments of an apply that sets it back, and of one that takes it over; "" where --set cannot say that.
  std::string back = {};
  std::string keep = {};
  bool file_there = false;  // of a file: one of its name is there
  friend bool operator==(const Drift&, const Drift&) = default;
};

// A setting that the next boot will not set as twctl's own line in a boot file says.
struct NextBoot {
  std::string key;
  std::string ours;
  std::optional<Value> next;  // nullopt: not known
  std::string why;            // which file and line decides; printable
  std::string change = {};    // id of the change whose line is gone from the file, or another by now; "": it is there
  std::string back = {};      // as Drift::back, of such a line
  friend bool operator==(const NextBoot&, const NextBoot&) = default;
};

// A value of ours that the next boot does not bring back, because no line of ours asks for that.
struct UntilBoot {
  std::string key;
  std::string ours;
  std::string next;
  std::string change;  // id of the change that left it
  friend bool operator==(const UntilBoot&, const UntilBoot&) = default;
};

// A change that awaits confirmation.
struct Pending {
  HistoryEntry entry;
  std::chrono::seconds left{0};
  std::optional<std::int64_t> until = {};  // the deadline by the date; nullopt: an earlier twctl did not record it
  bool overdue = false;  // nobody rolled it back at its deadline, or a boot did and left the rest to do
  bool stands = true;    // as far as can be seen from here; not, where only its end is still to be recorded
  ArmedTimers timers;
  std::string keep = {};  // the command that confirms it
};

// Another network namespace, where changes are in force.
struct NotLookedAt {
  std::string netns;  // as it was asked for; "" for one that was only entered, and for the host's own
  bool is_hosts_own = false;
  std::string see = {};  // the command that looks at it; "" where that cannot be told
};

struct Status {
  HostFacts host;
  std::optional<Pending> pending;
  std::vector<HistoryEntry> in_progress;  // unfinished, while a run is at work on them
  std::vector<HistoryEntry> interrupted;  // unfinished, and no run is at work: the next changing one mends them
  std::string recover = {};               // the command that ends what is interrupted or overdue
  std::vector<Error> damage;              // of the records of changes that are in none of these lists
  std::vector<Drift> drift;  // not looked for beside any of these, nor an overdue change: there it would be a guess
  std::vector<NextBoot> next_boot;              // as drift, of the boot to come
  std::optional<Error> next_boot_unknown = {};  // why it was not looked at: the boot files are over a limit
  std::vector<UntilBoot> until_boot;            // not looked for where next_boot is not
  std::vector<HistoryEntry> conflicted;  // kept somebody else's value or file, which no later change has taken up since
  std::vector<NotLookedAt> not_looked_at;
  std::optional<HistoryEntry> last;  // the newest change
  std::vector<std::string> restart;  // keys that wait for a restart
};

// Error: denied (only root may read the journal).
[[nodiscard]] Result<Status> look_at_status(Platform& host);

}  // namespace twctl
