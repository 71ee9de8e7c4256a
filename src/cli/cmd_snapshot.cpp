// twctl snapshot: everything that plan needs to know of this host, and doctor if asked for, as JSON.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/examine_host.hpp"
#include "json/field.hpp"
#include "observe/discreet.hpp"
#include "observe/observe.hpp"
#include "report/snapshot_json.hpp"

namespace twctl {

namespace {

Result<void> check_snapshot(const Options& options) {
  if (!options.operands.empty()) return fail(ErrorCode::usage, "snapshot: takes no name", "-o FILE saves it");
  if (options.interval && !options.sockets) return fail(ErrorCode::usage, "snapshot: --interval goes with --sockets");
  return {};
}

std::string saved_text(const Options& options) {
  const std::string name = shell_word(options.output);
  std::string text =
      fmt::format("Saved to {}. `twctl plan --from {}` plans for this host from anywhere.\n", name, name);
  text += options.all
              ? "It holds the boot files whole: look through it before you pass it on.\n"
              : "Of boot files it holds what is about twctl's settings, of other lines only the keys (--all: all).\n";
  if (options.sockets) text += fmt::format("`twctl doctor --from {}` says what its sockets say.\n", name);
  return text;
}

// What may be saved is what may be read.
Result<void> check_size(const std::string& document) {
  if (document.size() <= kSavedLimit) return {};
  return fail(ErrorCode::invalid,
              fmt::format("the snapshot would have {} bytes, and one of over {} is not read again", document.size(),
                          size_text(kSavedLimit)),
              "its boot files are what makes it large: see which have thousands of lines");
}

}  // namespace

Result<Outcome> run_snapshot(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check_snapshot(options));
  TRY(const auto host, open_host(session));
  TRY(const HostFacts facts, host->host_facts());
  TRY(Snapshot snapshot, observe(*host, everything(facts.os)));
  if (!options.all) snapshot = discreet(std::move(snapshot));
  std::optional<Examination> examination;
  if (options.sockets) {
    TRY(examination, examine_host(session, *host));
  }
  const std::string document = snapshot_json(snapshot, examination ? &*examination : nullptr, options.all);
  TRY_VOID(check_size(document));
  const bool to_a_file = !options.output.empty() && options.output != kStandardOutput;
  if (to_a_file) TRY_VOID(host->files().write_output(options.output, document));
  if (!to_a_file || options.format == Format::json) return Outcome{.results = document};
  return Outcome{.results = saved_text(options)};
}

}  // namespace twctl
