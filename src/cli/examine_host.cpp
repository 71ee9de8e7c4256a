#include "cli/examine_host.hpp"

#include <fmt/format.h>

namespace twctl {
namespace {

constexpr int kDefaultInterval = 1;  // seconds

std::chrono::seconds interval_of(const Options& options) {
  return std::chrono::seconds(options.interval.value_or(kDefaultInterval));
}

Sampling sampling_for(const Session& session) {
  const std::chrono::seconds interval = interval_of(session.options);
  return {.interval = interval, .progress = [show = progress_line(session), interval](double part) {
            show(part < 1 ? fmt::format("sampling the counters for {} s: {:.0f} %", interval.count(), 100 * part) : "");
          }};
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

bool has_sockets(Platform& host, const HostFacts& facts) {
  return facts.live && (!facts.captured || host.sockets().count_states());
}

}  // namespace twctl
