// What the commands that change the host have in common: they ask first, they tell of each interrupted change that they
// had to finish, whatever becomes of the command itself, and --detailed-exitcode says whether something changed.
#pragma once

#include <string_view>

#include "apply/recover.hpp"
#include "cli/command.hpp"

namespace twctl {

// Shows `page` and asks a person, unless --yes was given. Only on a terminal: end of file, a hang-up or no terminal
// never agree. `look`: the command that shows what would be done. Error: refused; interrupted, where a signal came that
// the run had begun to catch before.
[[nodiscard]] Result<void> ask_approval(const Session& session, Run& run, std::string_view page,
                                        std::string_view question, const std::string& look);

// Each recovery goes into the messages of `outcome`, which must outlive the request.
[[nodiscard]] JournalRequest journal_request(const Session& session, Outcome& outcome);

// The error's outcome, behind the messages of `so_far`.
[[nodiscard]] Outcome failed_after_recovery(const Session& session, const Outcome& so_far, const Error& error);

// With --detailed-exitcode 2 where something changed; else 0.
[[nodiscard]] int changed_status(const Options& options, bool changed);

}  // namespace twctl
