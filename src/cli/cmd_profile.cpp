// twctl profile: which profiles there are, and what one of them says in the end.
#include <fmt/format.h>

#include <array>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "profile/desired.hpp"
#include "report/profile_as.hpp"
#include "report/profile_json.hpp"
#include "report/profile_text.hpp"

namespace twctl {
namespace {

Result<Outcome> list(const Session& session, HostFiles& files) {
  TRY(const auto profiles, list_profiles(session.options.profile_dir, files));
  const bool json = session.options.format == Format::json;
  return Outcome{.results = json ? profile_list_json(profiles) : profile_list_text(profiles, session.screen)};
}

Result<Outcome> show(const Session& session, HostFiles& files) {
  TRY(const Profile profile, load_profile(session.options.operands[1], session.options.profile_dir, files));
  const bool json = session.options.format == Format::json;
  if (session.options.as.empty()) return Outcome{.results = json ? profile_json(profile) : profile_text(profile)};
  TRY(std::string text, profile_as(profile, session.options.as));
  return Outcome{.results = std::move(text)};
}

Error not_said(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 2> kVerbs{"list", "show"};
  const std::string_view meant = words.empty() ? "" : nearest(words[0], kVerbs);
  const bool slipped = !meant.empty() && meant != words[0];
  return {.code = ErrorCode::usage,
          .message = slipped ? fmt::format("profile: {}: did you mean {}?", escape(words[0]), meant)
                             : "profile: say `list` or `show NAME`",
          .hint = "`twctl profile list` lists them, `twctl profile show NAME` shows one"};
}

}  // namespace

Result<Outcome> run_profile(const Session& session) {
  const std::vector<std::string>& words = session.options.operands;
  const bool lists = words.size() == 1 && words[0] == "list";
  const bool shows = words.size() == 2 && words[0] == "show";
  if (!lists && !shows) return fail(not_said(words));
  const bool json = session.options.format == Format::json;
  if (!session.options.as.empty() && (lists || json)) {
    return fail(ErrorCode::usage, "profile: --as goes with `show NAME`, and not with --json");
  }
  TRY(const auto host, open_host(session));
  return lists ? list(session, host->files()) : show(session, host->files());
}

}  // namespace twctl
