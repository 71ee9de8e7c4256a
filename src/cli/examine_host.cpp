#include "cli/examine_host.hpp"

#include <fmt/format.h>

namespace twctl {
namespace {

constexpr int kDefaultInterval = 1;  // seconds
constexpr std::string_view kClearLine = "\r\x1b[K";

// Progress is shown on a terminal only: results that go to a file or a pipe need none beside them.
Sampling sampling_for(const Session& session) {
  const int seconds = session.options.interval.value_or(kDefaultInterval);
  Sampling sampling{.interval = std::chrono::seconds(seconds)};
  if (!session.streams.results_on_terminal || session.options.detail == Detail::quiet) return sampling;
  sampling.progress = [&streams = session.streams, seconds](double part) {
    const std::string text = fmt::format("sampling the counters for {} s: {:.0f} %", seconds, 100 * part);
    (void)streams.messages(std::string(kClearLine).append(part < 1 ? text : ""));
  };
  return sampling;
}

// All that doctor looks at are counters and settings of Linux.
Result<void> check_system(Platform& host) {
  TRY(const HostFacts facts, host.host_facts());
  if (facts.os == Os::linux_kernel) return {};
  return fail(
      ErrorCode::unsupported, "doctor: not on Windows, which keeps none of the counters that it goes by",
      "`twctl states` counts the sockets; events 4227 and 4231 of Tcpip in the System log say that ports ran out");
}

}  // namespace

Result<Examination> examine_host(const Session& session, Platform& host) {
  TRY_VOID(check_system(host));
  return examine(host, sampling_for(session));
}

}  // namespace twctl
