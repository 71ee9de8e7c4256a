// twctl confirm: the pending change, made permanent.
#include "apply/confirm.hpp"
#include "cli/command.hpp"
#include "cli/journalled.hpp"
#include "report/change_json.hpp"
#include "report/change_text.hpp"

namespace twctl {

Result<Outcome> run_confirm(const Session& session) {
  const Options& options = session.options;
  if (options.operands.size() > 1) return fail(ErrorCode::usage, "confirm: one ID at a time");
  TRY(const auto host, open_host(session));
  Outcome result;
  const Result<ConfirmOutcome> outcome = confirm_change(
      *host,
      {.id = options.operands.empty() ? "" : options.operands.front(), .journal = journal_request(session, result)});
  if (!outcome) return failed_after_recovery(session, result, outcome.error());
  result.results = options.format == Format::json ? confirm_json(*outcome, host->state().location())
                                                  : confirmed_text(*outcome, session.screen);
  result.status = changed_status(options, !outcome->already);
  return result;
}

}  // namespace twctl
