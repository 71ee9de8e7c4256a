// twctl states: socket source -> summary -> report, once or again and again.
#include <algorithm>

#include "catalog/keys.hpp"
#include "catalog/setting.hpp"
#include "cli/all_namespaces.hpp"
#include "cli/command.hpp"
#include "diagnose/socket_summary.hpp"
#include "observe/observe.hpp"
#include "observe/wait.hpp"
#include "report/metrics.hpp"
#include "report/states_json.hpp"
#include "report/states_text.hpp"

namespace twctl {
namespace {

constexpr int kPictureInterval = 1;  // seconds
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

// Draws again and again on what may be a terminal, and may change its size.
class Canvas {
 public:
  explicit Canvas(const Session& session) : session_(session), screen_(session.screen) {}

  Result<void> draw(const SocketSummary& summary, const StateHistory& history, const PictureHeading& heading) {
    const Streams& streams = session_.streams;
    const PictureHeading* above = session_.options.detail == Detail::quiet ? nullptr : &heading;
    if (!streams.measure) {
      return streams.results(states_picture(summary, history, above, screen_, kDefaultLines) + "\n");
    }
    const bool changed = measure();
    const std::string picture = redrawn(states_picture(summary, history, above, screen_, lines_));
    return streams.results((changed ? std::string(kClearScreen) : "") + picture);
  }

 private:
  // One line and one column stay free: after a line break at the bottom a terminal scrolls, and when it is to clear the
  // rest of a line that is full, it clears that line's last character. True if the size is not what it was.
  bool measure() {
    const TerminalSize size = session_.streams.measure();
    if (size == size_) return false;
    size_ = size;
    screen_.columns = page_columns(size.columns) - 1;
    lines_ = (size.lines > 0 ? static_cast<std::size_t>(size.lines) : kDefaultLines) - 1;
    return true;
  }

  const Session& session_;
  Screen screen_;
  TerminalSize size_{.columns = -1, .lines = -1};
  std::size_t lines_ = kDefaultLines;
};

// Those of no known range where the range cannot be read.
LocalPorts local_ports_of(Platform& host) {
  const auto value_of = [&](std::string_view key) {
    const Result<LiveValue> value = host.settings().read(*find_setting(key));
    return value ? value->in_force() : std::nullopt;
  };
  return local_ports(value_of(keys::kPortRange), value_of(keys::kReservedPorts)).value_or(LocalPorts{});
}

Result<SocketSummary> count_here(Platform& host, const Options& options) {
  return summarise(host.sockets(), options.by, options.by == GroupBy::port ? local_ports_of(host) : LocalPorts{});
}

// Until an interrupt, which is how a watch ends.
Result<Outcome> watch(const Session& session, Platform& host, const HostFacts& facts) {
  const std::chrono::seconds interval(session.options.interval.value_or(kPictureInterval));
  PictureHeading heading{.host = facts, .interval = interval.count()};
  host.run().catch_interrupts();
  Canvas canvas(session);
  StateHistory history;
  do {
    TRY(const SocketSummary summary, count_here(host, session.options));
    history.push_back(summary.counts);
    if (history.size() > kLongestHistory) history.pop_front();
    heading.time = host.run().facts().time;
    TRY_VOID(canvas.draw(summary, history, heading));
  } while (wait(host, interval));
  // The terminal has written ^C where the picture ends, or where a redraw had come to; the prompt comes below it.
  return Outcome{.results = session.streams.measure ? std::string(kClearBelow) + "\n" : "",
                 .status = exit_status(ErrorCode::interrupted)};
}

Result<SocketSummary> count(Platform& host, const Options& options) {
  TRY(SocketSummary summary, count_here(host, options));
  if (!options.all_netns) summary.other_namespaces = host.other_network_namespaces(kEveryProcess);
  return summary;
}

Result<Outcome> count_all(const Session& session, Platform& host) {
  const Options& options = session.options;
  TRY(const auto spaces, look_into_all<CountedHost>(session, host, [&](Platform& inside) -> Result<CountedHost> {
        TRY(const HostFacts facts, inside.host_facts());
        TRY(SocketSummary summary, count(inside, options));
        return CountedHost{.summary = std::move(summary), .facts = facts};
      }));
  const bool json = options.format == Format::json;
  return into_file(
      session, host,
      {.results = json ? states_all_json(spaces) : states_all_text(spaces, session.screen, options.detail)});
}

Result<void> check_states(const Options& options) {
  TRY_VOID(check_all_netns(options));
  if (!options.operands.empty()) return fail(ErrorCode::usage, "states: takes no name", "--by sorts the sockets");
  if (options.watch && options.format == Format::json) {
    return fail(ErrorCode::usage, "states: --watch draws a picture and is no JSON", "run `twctl states --json` again");
  }
  const bool measures = options.format == Format::prometheus;
  if (measures && (options.watch || options.by || options.all_netns)) {
    return fail(ErrorCode::usage, "states: --format prometheus counts the states of one network namespace, once");
  }
  if (options.watch && !options.output.empty()) return fail(ErrorCode::usage, "states: --watch writes no file");
  if (options.watch && options.interval == 0) return fail(ErrorCode::usage, "states: --watch needs a second at least");
  if (options.interval && !options.watch) return fail(ErrorCode::usage, "states: --interval goes with --watch");
  return {};
}

std::string rendered(const Session& session, const SocketSummary& summary, const HostFacts& facts) {
  if (session.options.format == Format::json) return states_json(summary, facts);
  if (session.options.format == Format::prometheus) return states_metrics(summary);
  return states_text(summary, facts, session.screen, session.options.detail);
}

}  // namespace

Result<Outcome> run_states(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check_states(options));
  TRY(const auto host, open_host(session));
  TRY(const HostFacts facts, host->host_facts());
  TRY_VOID(check_live_here(facts));
  if (options.watch && facts.captured)
    return fail(ErrorCode::unsupported, "a captured host does not change: no --watch");
  if (options.watch) return watch(session, *host, facts);
  if (options.all_netns) return count_all(session, *host);
  TRY(const SocketSummary summary, count(*host, options));
  return into_file(session, *host, {.results = rendered(session, summary, facts)});
}

}  // namespace twctl
