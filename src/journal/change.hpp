// The values that the journal keeps of one change. A change has an intent, at most one decision, and an end;
// one that awaits confirmation is marked as applied in between.
// docs/journal-format.md tells how they are stored and what a crash between any two of them leaves.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/value.hpp"
#include "platform/host_facts.hpp"
#include "platform/run.hpp"

namespace twctl {

enum class ChangeKind { apply, rollback };

struct SettingChange {
  std::string key;              // of the catalogue
  std::optional<Value> before;  // nullopt: absent
  std::optional<Value> after;
  friend bool operator==(const SettingChange&, const SettingChange&) = default;
};

struct FileChange {
  std::string path;                   // of a boot file
  std::optional<std::string> before;  // bytes; nullopt: no such file
  std::optional<std::string> after;
  friend bool operator==(const FileChange&, const FileChange&) = default;
};

// Where the live values of a change lie.
struct Origin {
  std::string boot_id;
  std::string network_namespace;  // HostFacts::network_namespace
  std::string netns;              // as asked for with --netns; "" for the caller's own
  // Whether boot files set its values when it starts again: the initial namespace, or a container's own. The values
  // of any other namespace go with it.
  bool loaded_at_boot = true;
  HostRoot root = {};              // whose files it is about; an earlier twctl did not record it
  std::string pid_namespace = {};  // HostFacts::pid_namespace of the run; an earlier twctl did not record it
  friend bool operator==(const Origin&, const Origin&) = default;
};

// A value that somebody else set meanwhile and that was left as it is (promise P8).
struct Conflict {
  std::string what;   // key or path
  std::string found;  // their value, which may be empty; "" for a file
  [[nodiscard]] bool is_file() const { return what.starts_with('/'); }
  friend bool operator==(const Conflict&, const Conflict&) = default;
};

// Of a change that pruning has made of several: the later ones that it stands for beside the one whose id it has.
struct Folded {
  std::uint64_t count = 0;
  std::int64_t until = 0;        // when the last of them was made: seconds since 1970
  std::vector<std::string> ids;  // oldest first: those that something may still refer to, and the newest
  // Values that somebody else had set between two of them; what was before those is somebody else's to give up.
  std::vector<Conflict> between = {};
  friend bool operator==(const Folded&, const Folded&) = default;
};

struct Intent {
  std::string id;              // 128 random bits, 32 hexadecimal digits
  std::uint64_t sequence = 0;  // counts the host's changes; the newest has the highest
  ChangeKind kind = ChangeKind::apply;
  std::vector<std::string> undoes;  // the changes that a rollback undoes, newest first
  RunFacts author;
  std::string reason;                 // --reason, raw
  std::vector<std::string> profiles;  // as asked for
  std::vector<std::string> accepted;  // hazards, "ID:KEY"
  Origin origin;
  // With --confirm-within: when it goes back unless confirmed, in the time of DeadlineTimers::now() in this boot.
  std::optional<std::chrono::nanoseconds> deadline = {};
  // The same in seconds since 1970, as the date then was: for people. An earlier twctl did not record it.
  std::optional<std::int64_t> deadline_time = {};
  std::vector<SettingChange> settings;  // in the order in which they are written
  std::vector<FileChange> files;
  std::optional<Folded> folded = {};
  friend bool operator==(const Intent&, const Intent&) = default;
};

enum class Decision { commit, roll_back };

// Who changes a host need not be who decides: the change may wait for somebody's confirmation, or be found by a later
// run.
struct DecisionRecord {
  Decision decision = Decision::commit;
  std::optional<RunFacts> by;  // nullopt: an earlier twctl wrote it, which did not say
  bool lapsed = false;         // nobody decided: the deadline had come, or a restart
  std::string reason = {};     // --reason of the rollback of a pending change, raw
  friend bool operator==(const DecisionRecord&, const DecisionRecord&) = default;
};

enum class Ending {
  committed,
  rolled_back,
  gone,  // the network namespace of the change is no more, and its values with it
};

struct Done {
  Ending ending = Ending::committed;
  std::vector<Conflict> conflicts;
  friend bool operator==(const Done&, const Done&) = default;
};

// All that the journal holds of one change.
struct Change {
  std::string folder;
  Intent intent;
  std::size_t size = 0;  // of the intent's record, in bytes
  bool applied = false;  // live values are set, and the decision is somebody else's, later
  std::optional<Decision> decision;
  std::optional<RunFacts> decided_by = {};
  bool lapsed = false;  // rolled back because nobody had confirmed it in time
  std::string decision_reason = {};
  std::optional<Done> done;
  friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace twctl
