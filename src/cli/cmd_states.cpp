// twctl states: socket source -> summary -> report, once or again and again.
#include <algorithm>

#include "cli/command.hpp"
#include "diagnose/socket_summary.hpp"
#include "observe/wait.hpp"
#include "report/states_json.hpp"
#include "report/states_text.hpp"

namespace twctl {
namespace {

constexpr int kDefaultInterval = 1;  // seconds
constexpr std::size_t kDefaultLines = 24;
constexpr std::string_view kToTheTop = "\x1b[H";
constexpr std::string_view kClearBelow = "\x1b[J";
constexpr std::string_view kClearLine = "\x1b[K\n";
constexpr std::string_view kClearScreen = "\x1b[2J";

// Over the old picture rather than after clearing it: no flicker.
std::string redrawn(std::string_view picture) {
  std::string text(kToTheTop);
  for (const char c : picture) {
    if (c == '\n') {
      text += kClearLine;
    } else {
      text += c;
    }
  }
  return text.append(kClearBelow);
}

std::size_t lines_of(const Streams& streams) {
  return streams.lines > 0 ? static_cast<std::size_t>(streams.lines) : kDefaultLines;
}

Result<void> show(const Session& session, const std::string& picture) {
  return session.streams.results(session.streams.results_on_terminal ? redrawn(picture) : picture + "\n");
}

// Until an interrupt, which is how a watch ends.
Result<Outcome> watch(const Session& session, Platform& host) {
  const std::chrono::seconds interval(session.options.interval.value_or(kDefaultInterval));
  host.catch_interrupts();
  if (session.streams.results_on_terminal) TRY_VOID(session.streams.results(kClearScreen));
  StateHistory history;
  do {
    TRY(const SocketSummary summary, summarise(host.sockets(), session.options.by));
    history.push_back(summary.counts);
    if (history.size() > kLongestHistory) history.pop_front();
    TRY_VOID(show(session, states_picture(summary, history, session.screen, lines_of(session.streams))));
  } while (wait(host, interval));
  return Outcome{.status = exit_status(ErrorCode::interrupted)};
}

Result<void> check(const Options& options) {
  if (!options.operands.empty()) return fail(ErrorCode::usage, "states: takes no name", "--by sorts the sockets");
  if (options.watch && options.format == Format::json) {
    return fail(ErrorCode::usage, "states: --watch draws a picture and is no JSON", "run `twctl states --json` again");
  }
  if (options.watch && options.interval == 0) return fail(ErrorCode::usage, "states: --watch needs a second at least");
  if (options.interval && !options.watch) return fail(ErrorCode::usage, "states: --interval goes with --watch");
  return {};
}

}  // namespace

Result<Outcome> run_states(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check(options));
  TRY(const auto host, open_host(session));
  TRY(const HostFacts facts, host->host_facts());
  if (options.watch && facts.captured)
    return fail(ErrorCode::unsupported, "a captured host does not change: no --watch");
  if (options.watch) return watch(session, *host);
  TRY(const SocketSummary summary, summarise(host->sockets(), options.by));
  const bool json = options.format == Format::json;
  return Outcome{.results =
                     json ? states_json(summary, facts) : states_text(summary, facts, session.screen, options.detail)};
}

}  // namespace twctl
