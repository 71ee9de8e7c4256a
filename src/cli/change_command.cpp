#include "cli/change_command.hpp"

#include "base/text.hpp"
#include "report/change_text.hpp"

namespace twctl {

Result<void> ask_approval(const Session& session, Run& run, std::string_view page, std::string_view question,
                          const std::string& look) {
  if (session.options.yes) return {};
  if (!session.streams.ask) {
    return fail(ErrorCode::refused, "there is no terminal to ask on, so nothing was changed",
                look.empty() ? "add --yes once you have read it" : "add --yes once this shows what you want: " + look);
  }
  (void)session.streams.messages(page);
  const std::string answer = to_lower(trim(session.streams.ask(std::string(question) + " [y/N] ")));
  if (run.interrupted()) return fail(ErrorCode::interrupted, "interrupted by a signal, so nothing was changed");
  if (answer == "y" || answer == "yes") return {};
  return fail(ErrorCode::refused, "not confirmed, so nothing was changed");
}

JournalRequest journal_request(const Session& session, Outcome& outcome) {
  return {.wait = session.options.wait,
          .recovered = [&outcome](const Ended& recovery) { outcome.messages += recovery_text(recovery); },
          .left = [&outcome](const Error& error) { outcome.messages += left_text(error); }};
}

Outcome failed_after_recovery(const Session& session, const Outcome& so_far, const Error& error) {
  Outcome failed = outcome_of(with_root_hint(error, session), session.options.format == Format::json);
  failed.messages = so_far.messages + failed.messages;
  return failed;
}

int changed_status(const Options& options, bool changed) {
  return changed && options.detailed_exitcode ? kChanges : kDone;
}

}  // namespace twctl
