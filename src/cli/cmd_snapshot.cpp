// twctl snapshot: everything that plan needs to know of this host, as JSON.
#include <fmt/format.h>

#include "base/escape.hpp"
#include "cli/command.hpp"
#include "observe/observe.hpp"
#include "report/snapshot_json.hpp"

namespace twctl {

Result<Outcome> run_snapshot(const Session& session) {
  const Options& options = session.options;
  if (!options.operands.empty()) return fail(ErrorCode::usage, "snapshot: takes no name", "-o FILE saves it");
  TRY(const auto host, open_host(session));
  TRY(const HostFacts facts, host->host_facts());
  TRY(const Snapshot snapshot, observe(*host, everything(facts.os)));
  if (options.output.empty()) return Outcome{.results = snapshot_json(snapshot)};
  TRY_VOID(host->files().write_output(options.output, snapshot_json(snapshot)));
  if (options.format == Format::json) return Outcome{.results = snapshot_json(snapshot)};
  return Outcome{.results = fmt::format("Saved to {}. `twctl plan --from {}` plans for this host from anywhere.\n",
                                        escape(options.output), escape(options.output))};
}

}  // namespace twctl
