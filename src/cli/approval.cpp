#include "cli/approval.hpp"

#include "base/text.hpp"

namespace twctl {

Result<void> ask_approval(const Session& session, std::string_view page, std::string_view question) {
  if (session.options.yes) return {};
  if (!session.streams.ask) {
    return fail(ErrorCode::refused, "there is no terminal to ask on, so nothing was changed",
                "add --yes once `twctl plan` shows what you want");
  }
  (void)session.streams.messages(page);
  const std::string answer = to_lower(trim(session.streams.ask(std::string(question) + " [y/N] ")));
  if (answer == "y" || answer == "yes") return {};
  return fail(ErrorCode::refused, "not confirmed, so nothing was changed");
}

}  // namespace twctl
