// What the commands that change the host have in common: recovery of what was interrupted is reported, whatever
// becomes of the command itself.
#pragma once

#include "apply/recover.hpp"
#include "cli/command.hpp"

namespace twctl {

// Each recovery goes into the messages of `outcome`, which must outlive the request.
[[nodiscard]] JournalRequest journal_request(const Session& session, Outcome& outcome);

// The error's outcome, behind the messages that there are already.
[[nodiscard]] Outcome failed_after_recovery(const Session& session, const Outcome& so_far, const Error& error);

// --detailed-exitcode: 2 where something changed.
[[nodiscard]] int changed_status(const Options& options, bool changed);

}  // namespace twctl
