#include "cli/journalled.hpp"

#include "report/change_text.hpp"

namespace twctl {

JournalRequest journal_request(const Session& session, Outcome& outcome) {
  return {.wait = session.options.wait,
          .recovered = [&outcome](const Recovery& recovery) { outcome.messages += recovery_text(recovery); }};
}

Outcome failed_after_recovery(const Session& session, const Outcome& so_far, const Error& error) {
  Outcome failed = outcome_of(error, session.options.format == Format::json);
  failed.messages = so_far.messages + failed.messages;
  return failed;
}

int changed_status(const Options& options, bool changed) {
  return changed && options.detailed_exitcode ? kChanges : kDone;
}

}  // namespace twctl
