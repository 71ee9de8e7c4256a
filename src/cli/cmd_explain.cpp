// twctl explain: a name -> its page, with this host's values where they can be had.
#include "base/text.hpp"
#include "cli/command.hpp"
#include "observe/observe.hpp"
#include "report/explain.hpp"
#include "report/explain_names.hpp"

namespace twctl {
namespace {

// A page is worth reading without a host too, so what cannot be observed is left out.
std::optional<Snapshot> look_around(const Session& session, std::string_view name) {
  const Setting* setting = find_explained(name).setting;
  if (setting == nullptr) return std::nullopt;
  auto host = open_host(session);
  if (!host) return std::nullopt;
  auto snapshot = observe(**host, ObserveRequest{.settings = {setting}});
  if (!snapshot) return std::nullopt;
  return *std::move(snapshot);
}

bool chose_a_host(const Options& options) { return options.root != "/" || !options.netns.empty(); }

}  // namespace

Result<Outcome> run_explain(const Session& session) {
  const Options& options = session.options;
  if (chose_a_host(options)) TRY_VOID(open_host(session));
  const std::string name = join(options.operands, " ");  // a message of the kernel has several words, and so has a line
  if (options.operands.size() > 1 && !find_explained(name).any()) {
    return fail(ErrorCode::usage, "explain: one name at a time");
  }
  const std::optional<Snapshot> here = look_around(session, name);
  const ExplainContext context{.here = here ? &*here : nullptr, .width = static_cast<int>(session.screen.columns)};
  TRY(std::string page, options.format == Format::json ? explain_json(name, context) : explain(name, context));
  return Outcome{.results = std::move(page)};
}

}  // namespace twctl
