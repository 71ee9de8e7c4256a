// The history is bounded, and leads back to the first values all the same: pruning drops no change, it folds two that
// follow one another into one, which goes from what the first found to what the second left. The oldest first.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"
#include "platform/platform.hpp"

namespace twctl {

struct Folding {
  std::vector<Change> folds;            // what is new; each has the id of the oldest change that it stands for
  std::vector<std::string> superseded;  // folders of what the folds stand for, and of what left nothing behind
};

struct FoldLimits {
  std::size_t keep = kKeptChanges;  // how many changes are to be left
  std::string boot_id;              // of now: what this boot has found may be asked for (awaiting_restart())
};

// `changes`, oldest first; `where` says where the values of one are now. A fold takes in only changes that every later
// rollback has undone together, or none of them, or a change and the rollback that undid it; so that what is in force,
// and what each change leads back to, stays as it was. Changes that are unfinished stay, and so do those whose
// values lie in different places, and what would have a record over kRecordLimit, which cannot be read. The texts of
// files may be in little: `recorded` has those whole of which a fold is made, and of which it has none stays as it is.
[[nodiscard]] Folding fold_changes(const std::vector<Change>& changes, const FoldLimits& limits,
                                   const std::function<Whereabouts(const Origin&)>& where,
                                   const Recorded& recorded = as_it_is);

// Each fold is on disk before what it stands for goes; a run that is killed in between leaves changes that count no
// more (ReadableChanges::superseded). Error: failed.
[[nodiscard]] Result<void> prune_changes(Platform& host, const HostFacts& facts, const ReadableChanges& journal,
                                         std::size_t keep);

}  // namespace twctl
