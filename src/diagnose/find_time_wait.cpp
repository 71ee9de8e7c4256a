// TIME_WAIT: on which side it lies, what it costs there, and whether its limit is reached.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "diagnose/finders.hpp"

namespace twctl {
namespace {

constexpr std::uint64_t kMany = 1000;  // below, nobody asks about them
constexpr std::string_view kBuckets = "net.ipv4.tcp_max_tw_buckets";

std::uint64_t time_wait_of(const Examination& examination) {
  return count_of(examination.traffic.counts, TcpState::time_wait);
}

std::string busiest_served_port(const Traffic& traffic) {
  const auto busiest = std::max_element(traffic.listeners.begin(), traffic.listeners.end(),
                                        [](const Listener& a, const Listener& b) { return a.time_wait < b.time_wait; });
  return busiest == traffic.listeners.end() ? "" : to_text(busiest->address, busiest->port);
}

Finding served(const Examination& examination, std::uint64_t count) {
  Finding finding = found("time-wait-server");
  finding.subject = busiest_served_port(examination.traffic);
  finding.evidence = fmt::format(
      "{} of {} TIME_WAIT sockets are on ports that this host serves: here this side closes "
      "first. They take none of the {} local ports.",
      count, time_wait_of(examination), examination.ports.usable);
  finding.figures = {{"time_wait_served", static_cast<std::int64_t>(count)},
                     {"time_wait", static_cast<std::int64_t>(time_wait_of(examination))}};
  return finding;
}

Finding opened(const Examination& examination, std::uint64_t count) {
  Finding finding = found("time-wait-client");
  const DestinationUse* busiest = busiest_destination(examination);
  finding.evidence =
      fmt::format("{} of {} TIME_WAIT sockets are of connections that this host opened and closed first.", count,
                  time_wait_of(examination));
  if (busiest != nullptr) {
    const PortBudget budget = budget_of(examination, *busiest);
    finding.subject = to_text(busiest->destination);
    finding.evidence +=
        fmt::format(" The busiest destination has taken {} of {} ports; {} new connections/s would last.", budget.taken,
                    budget.usable, std::llround(budget.sustainable));
  }
  finding.figures = {{"time_wait_opened", static_cast<std::int64_t>(count)},
                     {"time_wait", static_cast<std::int64_t>(time_wait_of(examination))}};
  return finding;
}

bool already_says_ports(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.row->id == "ports-low"; });
}

}  // namespace

void find_time_wait(const Examination& examination, Findings& findings) {
  const std::uint64_t on_served = examination.traffic.time_wait_served;
  const std::uint64_t on_opened = time_wait_of(examination) - on_served;
  if (on_served >= kMany) findings.push_back(served(examination, on_served));
  if (on_opened >= kMany && !already_says_ports(findings)) findings.push_back(opened(examination, on_opened));
}

void find_time_wait_overflow(const Examination& examination, Findings& findings) {
  const Growth overflow = growth_of(examination, "TcpExt.TCPTimeWaitOverflow");
  const std::uint64_t objects = time_wait_of(examination) + examination.traffic.fin_wait_2_objects;
  const auto limit = number_of(examination.settings, kBuckets);
  const bool near = limit && *limit > 0 && 10 * objects >= 9 * static_cast<std::uint64_t>(*limit);
  if (overflow.count == 0 && !near) return;
  Finding finding = found("time-wait-overflow");
  finding.severity = near ? Severity::warning : by_growth(overflow);
  finding.key = kBuckets;
  finding.evidence = fmt::format(
      "TCPTimeWaitOverflow rose by {} {}; now {} TIME_WAIT and {} FIN_WAIT_2 without an owner of at most {}.",
      overflow.count, span_text(examination), time_wait_of(examination), examination.traffic.fin_wait_2_objects,
      limit ? std::to_string(*limit) : "an unknown number");
  finding.figures = {{"overflows", overflow.count}, {"time_wait_objects", static_cast<std::int64_t>(objects)}};
  if (limit) finding.figures.push_back({"tcp_max_tw_buckets", *limit});
  findings.push_back(std::move(finding));
}

}  // namespace twctl
