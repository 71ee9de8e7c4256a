#include "cli/examine_host.hpp"

#include <fmt/format.h>

namespace twctl {
namespace {

constexpr int kDefaultInterval = 1;  // seconds
constexpr std::string_view kOverThisLine = "\r\x1b[K";

std::chrono::seconds interval_of(const Options& options) {
  return std::chrono::seconds(options.interval.value_or(kDefaultInterval));
}

// Progress is shown on a terminal only: results that go to a file or a pipe need none beside them.
Sampling sampling_for(const Session& session) {
  Sampling sampling{.interval = interval_of(session.options)};
  if (!session.streams.results_on_terminal || session.options.detail == Detail::quiet) return sampling;
  sampling.progress = [&streams = session.streams, seconds = interval_of(session.options).count()](double part) {
    const std::string text = fmt::format("sampling the counters for {} s: {:.0f} %", seconds, 100 * part);
    (void)streams.messages(std::string(kOverThisLine).append(part < 1 ? text : ""));
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

Result<Examination> examine_one_of_all(const Session& session, Platform& host) {
  TRY_VOID(check_system(host));
  TRY(Examination examination, examine(host, {.interval = interval_of(session.options)}));
  examination.other_namespaces = {};
  return examination;
}

}  // namespace twctl
