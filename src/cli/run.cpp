#include "cli/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/shell_word.hpp"
#include "cli/command_table.hpp"
#include "cli/complete.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "report/error_json.hpp"
#include "report/error_text.hpp"

namespace twctl {
namespace {

constexpr int kDefaultColumns = 100;  // not on a terminal
constexpr int kLeastColumns = 60;     // below that a table is no table
constexpr int kMostColumns = 120;     // longer lines are hard to read

Screen screen_for(const Options& options, const Streams& streams) {
  return {.columns = page_columns(streams.columns), .colour = wants_colour(options.color, streams)};
}

Outcome page(const Options& options, std::string_view name, std::string text) {
  return {.results = options.format == Format::json ? page_json(name, text) : std::move(text)};
}

bool runs_windows(const PlatformFactory& make_platform) {
  const auto host = make_platform({});
  const auto facts = host ? (*host)->host_facts() : Result<HostFacts>(fail(host.error()));
  return facts && facts->os == Os::windows;
}

Result<Outcome> run_command(const Session& session) {
  const Options& options = session.options;
  if (options.help) return page(options, "help", help_text(options.command, session.screen.columns));
  if (options.version) return page(options, "version", version_text(options.detail));
  switch (options.command) {
    case Command::plan:
      return run_plan(session);
    case Command::apply:
      return run_apply(session);
    case Command::confirm:
      return run_confirm(session);
    case Command::rollback:
      return run_rollback(session);
    case Command::recover:
      return run_recover(session);
    case Command::history:
      return run_history(session);
    case Command::status:
      return run_status(session);
    case Command::audit:
      return run_audit(session);
    case Command::explain:
      return run_explain(session);
    case Command::snapshot:
      return run_snapshot(session);
    case Command::profile:
      return run_profile(session);
    case Command::states:
      return run_states(session);
    case Command::doctor:
      return run_doctor(session);
    case Command::trial:
      return run_trial(session);
    case Command::none:
      break;
  }
  const bool a_person_looks = session.streams.results_on_terminal && options.format == Format::text;
  if (a_person_looks) return run_overview(session);
  return fail(ErrorCode::usage, "no command given", "try `twctl plan`; `twctl --help` lists the commands");
}

// Lines about errors, broken to the width of a terminal. An excerpt of a file and its caret stay as they are.
std::string fitted(const std::string& messages, const Streams& streams) {
  if (streams.columns <= 0) return messages;
  std::string text;
  std::string_view rest = messages;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    std::string_view label;
    for (const std::string_view begin : {"twctl: ", "  hint: "}) {
      if (line.starts_with(begin)) label = begin;
    }
    if (label.empty()) {
      text.append(line).append(end < rest.size() ? "\n" : "");
    } else {
      text += wrapped(line.substr(label.size()), page_columns(streams.columns), label);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text;
}

// Where the results cannot be written, that error decides the exit code; the messages are written all the same.
int write_out(const Outcome& outcome, const Streams& streams) {
  int status = outcome.status;
  if (!outcome.results.empty()) {
    if (const Result<void> done = streams.results(outcome.results); !done) {
      status = exit_status(done.error().code);
      if (!done.error().message.empty()) (void)streams.messages(error_text(done.error()));
    }
  }
  if (!outcome.messages.empty()) (void)streams.messages(fitted(outcome.messages, streams));
  return status;
}

}  // namespace

std::size_t page_columns(int columns) {
  const int wide = columns > 0 ? std::clamp(columns, kLeastColumns, kMostColumns) : kDefaultColumns;
  return static_cast<std::size_t>(wide);
}

Outcome outcome_of(const Error& error, bool json) {
  const int status = exit_status(error.code);
  const std::string said = error.message.empty() ? "" : error_text(error);  // none: whoever read us has gone
  return {.results = json ? error_json(error) : "", .messages = said, .status = status};
}

Error with_root_hint(Error error, const Session& session) {
  if (error.code != ErrorCode::denied || !error.hint.empty() || runs_windows(session.make_platform)) return error;
  const auto host = session.make_platform({});
  if (!host || (*host)->run().facts().elevated) return error;
  error.hint = "as root only: sudo " + command_as_typed(session);
  return error;
}

std::string command_as_typed(const Session& session) {
  std::string command = "twctl";
  for (const std::string_view arg : session.args) command += " " + shell_word(arg);
  return command;
}

Result<Outcome> into_file(const Session& session, Platform& host, Outcome outcome) {
  if (session.options.output.empty() || session.options.output == kStandardOutput) return outcome;
  TRY_VOID(host.files().write_output(session.options.output, outcome.results));
  outcome.results.clear();
  return outcome;
}

ShowProgress progress_line(const Session& session) {
  const Streams& streams = session.streams;
  if (!streams.results_on_terminal || session.options.detail == Detail::quiet) return [](std::string_view) {};
  return [&streams](std::string_view text) { (void)streams.messages("\r\x1b[K" + std::string(text)); };
}

SnapshotProgress::SnapshotProgress(const Session& session, std::string doing, std::optional<std::size_t> all)
    : show_(progress_line(session)),
      doing_(std::move(doing)),
      all_(all),
      next_(std::chrono::steady_clock::now() + std::chrono::seconds(1)) {}

SnapshotProgress::~SnapshotProgress() {
  if (shown_) show_("");
}

void SnapshotProgress::take(std::size_t number) {
  constexpr std::chrono::milliseconds kStep(100);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kStep;
  shown_ = true;
  show_(all_ ? fmt::format("{:3} %  {} snapshot {} of {}", 100 * (number - 1) / *all_, doing_, number, *all_)
             : fmt::format("{} snapshot {}", doing_, number));
}

int run(std::span<const std::string_view> args, const PlatformFactory& make_platform, const Streams& streams) {
  // For shells: no command of the table, since half a command line is none.
  if (args.size() >= 2 && args[0] == "complete" && args[1] == "--") {
    return write_out({.results = completions(args.subspan(2), make_platform)}, streams);
  }
  const Result<Options> options = parse_options(args);
  if (!options) return write_out(outcome_of(options.error(), asks_for_json(args)), streams);
  const Session session{args, *options, make_platform, streams, screen_for(*options, streams)};
  const Result<Outcome> outcome = run_command(session);
  if (!outcome) {
    const Error error = with_root_hint(outcome.error(), session);
    return write_out(outcome_of(error, options->format == Format::json), streams);
  }
  return write_out(*outcome, streams);
}

bool wants_colour(ColorChoice choice, const Streams& streams) {
  if (choice != ColorChoice::automatic) return choice == ColorChoice::always;
  const ColorEnvironment& environment = streams.environment;
  if (environment.no_color || environment.dumb_terminal) return false;
  return environment.force || streams.results_on_terminal;
}

}  // namespace twctl
