// twctl recover: whatever was interrupted, finished or undone.
#include <algorithm>

#include "cli/command.hpp"
#include "cli/journalled.hpp"
#include "report/change_json.hpp"

namespace twctl {

Result<Outcome> run_recover(const Session& session) {
  if (!session.options.operands.empty()) return fail(ErrorCode::usage, "recover: takes no name");
  TRY(const auto host, open_host(session));
  Outcome result;
  std::vector<Recovery> recoveries;
  JournalRequest request = journal_request(session, result);
  request.recovered = [&, tell = request.recovered](const Recovery& recovery) {
    recoveries.push_back(recovery);
    tell(recovery);
  };
  const Result<OpenJournal> journal = open_journal(*host, request);
  if (!journal) return failed_after_recovery(session, result, journal.error());
  if (session.options.format == Format::json) {
    result.results = recovery_json(recoveries);
  } else if (recoveries.empty() && session.options.detail != Detail::quiet) {
    result.results = "Nothing to recover.\n";
  }
  const auto has_conflicts = [](const Recovery& recovery) { return !recovery.leftovers.conflicts.empty(); };
  if (std::any_of(recoveries.begin(), recoveries.end(), has_conflicts)) {
    result.status = exit_status(ErrorCode::partial);
  }
  return result;
}

}  // namespace twctl
