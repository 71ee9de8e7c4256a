// Journal x current values and files -> what a rollback would put back, and what stands in its way. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "journal/journal.hpp"
#include "journal/values_left.hpp"

namespace twctl {

// What is in force now, of the settings and files that the chosen changes touched.
struct Present {
  std::map<std::string, std::optional<Value>> settings;     // nullopt: absent
  std::map<std::string, std::optional<std::string>> files;  // nullopt: not there
  std::vector<ValueLeft> left = {};                         // whose the values of settings are
};

// A subject that another change of twctl's own has set since.
struct LaterChange {
  std::string what;    // key or path
  std::string change;  // id
  friend bool operator==(const LaterChange&, const LaterChange&) = default;
};

// What somebody else had set before one of the changes that are to be undone, and that one has overwritten.
struct Overwritten {
  std::string key;
  std::string found;       // their value
  std::string change;      // id
  bool is_within = false;  // that one is a fold, and one of the changes that it stands for has
  friend bool operator==(const Overwritten&, const Overwritten&) = default;
};

struct RollbackPlan {
  std::vector<std::string> undoes;  // ids, newest first; empty: nothing left to undo
  std::vector<SettingChange> settings;
  std::vector<FileChange> files;
  std::vector<Conflict> conflicts;            // somebody else's later values: with any, nothing is rolled back
  std::vector<Overwritten> overwritten = {};  // the same, further down: step by step it would end there
  std::vector<LaterChange> later = {};        // with any of these neither
  std::vector<std::string> left = {};         // keys whose values a restart has taken away: they stay as they are
  std::vector<Intent> gone = {};              // of what is undone: those whose values went with their network namespace
  std::vector<Conflict> given_up = {};  // boot files that none but these have written, and are not as they left them
};

// `journal`: all changes, oldest first. What a later one in force has set again is that one's, whatever its value; what
// a restart has taken away from a chosen one stays as it is. The texts of files may be in little: `recorded` has those
// of a chosen one whole, and of a file of which it has none nothing can be told.
[[nodiscard]] RollbackPlan plan_rollback(const std::vector<Change>& chosen, const std::vector<Change>& journal,
                                         const Present& present, const std::vector<std::string>& force,
                                         const Recorded& recorded = as_it_is);

}  // namespace twctl
