// The whole of `twctl confirm`: a pending change -> committed, or rolled back if it comes too late.
#pragma once

#include <string>

#include "apply/recover.hpp"

namespace twctl {

struct ConfirmRequest {
  std::string id;  // whole or a unique beginning; "" for the one that is pending
  bool dry_run = false;
  JournalRequest journal;
};

struct ConfirmOutcome {
  Change change;         // of a dry run: as it is, awaiting confirmation, unless
  bool already = false;  // it had been confirmed before: nothing was done
  bool moved = false;    // its network namespace is no longer where it was when the change was made
};

// Error: refused (nothing is pending, its deadline has passed, somebody else has changed a value or file since);
// busy; partial, as for apply.
[[nodiscard]] Result<ConfirmOutcome> confirm_change(Platform& host, const ConfirmRequest& request);

}  // namespace twctl
