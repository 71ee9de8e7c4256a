// twctl recover: whatever was interrupted, finished or undone.
#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "apply/watchdog.hpp"
#include "base/clock_text.hpp"
#include "cli/change_command.hpp"
#include "cli/command.hpp"
#include "journal/change_words.hpp"
#include "report/change_json.hpp"

namespace twctl {
namespace {

std::string pending_text(Platform& host, const Change& pending) {
  return fmt::format("Nothing to recover. Change {} awaits confirmation until {}, {} s are left: {}\n",
                     short_id(pending.intent.id), time_text(deadline_time(host, pending)),
                     time_left(host, pending).count(), pending_command(host, pending.intent, "confirm"));
}

}  // namespace

Result<Outcome> run_recover(const Session& session) {
  if (!session.options.operands.empty()) return fail(ErrorCode::usage, "recover: takes no name");
  TRY(const auto host, open_host(session));
  Outcome result;
  std::vector<Ended> recoveries;
  JournalRequest request = journal_request(session, result);
  request.verify = Verify::all;
  request.recovered = [&, tell = request.recovered](const Ended& recovery) {
    recoveries.push_back(recovery);
    tell(recovery);
  };
  if (session.options.when_due) TRY_VOID(roll_back_when_due(*host, request));
  const Result<OpenJournal> journal = recover_and_open_journal(*host, request);
  if (!journal) return failed_after_recovery(session, result, journal.error());
  if (journal->damage) return failed_after_recovery(session, result, *journal->damage);
  if (session.options.format == Format::json) {
    result.results = recovery_json(recoveries, journal->pending);
  } else if (journal->pending) {
    result.results = pending_text(*host, *journal->pending);
  } else if (recoveries.empty() && session.options.detail != Detail::quiet) {
    result.results = "Nothing to recover.\n";
  }
  const auto has_conflicts = [](const Ended& recovery) { return !recovery.leftovers.conflicts.empty(); };
  if (std::any_of(recoveries.begin(), recoveries.end(), has_conflicts)) {
    result.status = exit_status(ErrorCode::partial);
  }
  return result;
}

}  // namespace twctl
