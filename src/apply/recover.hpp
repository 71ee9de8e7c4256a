// Unfinished changes -> finished ones, by what the journal decided and what the host shows. Twice is once.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/carry_out.hpp"
#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What became of one interrupted change.
struct Recovery {
  std::string id;
  Ending ending = Ending::rolled_back;
  bool lapsed = false;  // nobody had interrupted it: it was not confirmed in time
  Leftovers leftovers;  // with failures the change stays unfinished, and the next run tries again
};

// The caller holds the lock. Error: refused, where the values lie in another network namespace that is still there;
// failed, where the journal cannot be written (what could be restored has been).
[[nodiscard]] Result<Recovery> recover_change(Platform& host, const HostFacts& facts, const Change& change);

// The same for the change that awaits confirmation, of which nothing is to stay: its staged file goes too.
[[nodiscard]] Result<Recovery> end_pending(Platform& host, const HostFacts& facts, const Change& change);

// Lock, litter, unfinished changes: what every run does first that may change something.
struct OpenJournal {
  HostFacts facts;
  std::vector<std::string> folders;  // of all changes, oldest first
  std::optional<Change> pending;     // awaits confirmation, and its deadline has not come
  std::optional<Error> damage;       // of a record of another change: no new one may begin, and no litter goes
};

// How long to wait for the lock, and who is told of each change that had to be finished or undone first. He is told
// even where the run itself then fails.
struct JournalRequest {
  std::chrono::milliseconds wait{0};
  std::function<void(const Recovery&)> recovered = [](const Recovery&) {};
};

// Whether the request, an id or a unique beginning or "" for any, means the pending change.
[[nodiscard]] bool means_pending(const OpenJournal& journal, const std::string& id);

// Error: busy, denied, refused, partial (recovery left failures).
[[nodiscard]] Result<OpenJournal> open_journal(Platform& host, const JournalRequest& request);

}  // namespace twctl
