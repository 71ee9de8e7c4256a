// Unfinished changes -> finished ones, by what the journal decided and what the host shows. A second recovery finds
// nothing to do.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/ending.hpp"
#include "base/result.hpp"
#include "journal/change.hpp"
#include "journal/journal.hpp"
#include "platform/platform.hpp"

namespace twctl {

// The caller holds the lock. Error: refused, where the values lie in another network namespace that is still there;
// failed, where the journal cannot be written (what could be restored has been). `reason`: of whoever asked for it.
[[nodiscard]] Result<Ended> recover_change(Platform& host, const HostFacts& facts, const Change& change,
                                           const std::string& reason = "");

// What every run that may change something begins with: the lock is held, and what was unfinished or overdue has been
// finished or rolled back.
struct OpenJournal {
  HostFacts facts;
  std::vector<std::string> folders;  // of all changes, oldest first
  std::optional<Change> pending;     // awaits confirmation, and its deadline has not come
  std::optional<Error> damage;       // of a record of another change: no new one may begin, and no litter goes
};

// How long to wait for the lock, and whom to tell of each change that had to be finished or undone first, even where
// the run itself then fails.
struct JournalRequest {
  std::chrono::milliseconds wait{0};
  std::function<void(const Ended&)> recovered = [](const Ended&) {};
  std::function<void(const Error&)> left = [](const Error&) {};  // what could not be tidied up, and is in nobody's way
  JournalLimits limits = {};
  Verify verify = Verify::newest;
};

// Whether `id` means the pending change: its id, a unique beginning of it, or "".
[[nodiscard]] bool means_pending(const OpenJournal& journal, const std::string& id);

// Error: busy, denied, refused, partial (recovery left failures).
[[nodiscard]] Result<OpenJournal> recover_and_open_journal(Platform& host, const JournalRequest& request);

// The same for a dry run, which writes nothing: it takes no lock, waits at most `wait` while somebody else has it, and
// finishes nothing. Error: as there; refused also where something has to be finished first.
[[nodiscard]] Result<OpenJournal> read_journal(Platform& host, std::chrono::milliseconds wait);

// One of the two, for a run that undoes or confirms. Where there is no journal there is nothing for it, and none is
// made; what is left in boot folders of a journal that is gone is for recover_and_open_journal().
[[nodiscard]] Result<OpenJournal> open_journal_if_any(Platform& host, const JournalRequest& request, bool dry_run);

// The same by looking alone, whoever has the lock. Error: refused, where something has to be finished first; as of
// load_journal().
[[nodiscard]] Result<OpenJournal> look_at_journal(Platform& host, HostFacts facts);

}  // namespace twctl
