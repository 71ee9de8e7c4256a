// Journal -> text for a person: the list of changes, one change whole, and status. Pure.
#pragma once

#include <span>
#include <string>

#include "apply/status.hpp"
#include "journal/accounts.hpp"
#include "journal/history.hpp"
#include "report/layout.hpp"

namespace twctl {

// The host whose journal it is: its names for people, and where the journal lies, which tells the root for commands.
struct JournalHost {
  std::string location;  // StateStore::location()
  Accounts accounts;
};

// A change takes a line, or where that is too long its action goes below.
[[nodiscard]] std::string history_text(std::span<const HistoryEntry> entries, const JournalHost& host,
                                       const Screen& screen);
[[nodiscard]] std::string change_text(const HistoryEntry& entry, const JournalHost& host, const Screen& screen);
[[nodiscard]] std::string status_text(const Status& status, const JournalHost& host, const Screen& screen);

}  // namespace twctl
