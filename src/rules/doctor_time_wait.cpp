// TIME_WAIT: on which side it lies, what it costs there, and whether its limit is reached.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::uint64_t kMany = 1000;  // below, nobody asks about them

std::uint64_t time_wait_of(const Examination& examination) {
  return count_of(examination.traffic.counts, TcpState::time_wait);
}

std::string busiest_served_port(const Traffic& traffic) {
  const auto busiest = std::max_element(traffic.listeners.begin(), traffic.listeners.end(),
                                        [](const Listener& a, const Listener& b) { return a.time_wait < b.time_wait; });
  const bool has_some = busiest != traffic.listeners.end() && busiest->time_wait > 0;  // else its server has stopped
  return has_some ? to_text(busiest->address, busiest->port) : "";
}

std::uint64_t time_wait_opened(const Examination& examination) {
  return time_wait_of(examination) - examination.traffic.time_wait_served;
}

// `usual`: the kernel's default here, 0 where it is not known.
void advise_limit(Finding& finding, std::optional<std::int64_t> limit, std::int64_t usual) {
  if (!limit || usual == 0 || *limit > std::numeric_limits<int>::max()) return;  // no kernel has more
  if (*limit < usual) {
    finding.advice = fmt::format("Set tcp_max_tw_buckets back to {}, the default here, by the command below.", usual);
    finding.remedies = {{keys::kMaxTwBuckets, std::to_string(usual)}};
    return;
  }
  constexpr std::int64_t kPerMegabyte = 2048;  // of 512 bytes each
  finding.advice = fmt::format(
      "tcp_max_tw_buckets is not below its default here ({}). Have fewer connections end here, or raise it: `twctl "
      "plan "
      "--set {}={}` allows twice as many, up to {} MB more.",
      usual, keys::kMaxTwBuckets, 2 * *limit, (*limit + kPerMegabyte - 1) / kPerMegabyte);
}

}  // namespace

void time_wait_server(const Examination& examination, FindingSink& found) {
  const std::uint64_t served = examination.traffic.time_wait_served;
  if (served < kMany) return;
  const std::uint64_t all = time_wait_of(examination);
  Finding& finding = found.add("", fmt::format("{} of {} TIME_WAIT sockets are of connections that this host accepted: "
                                               "here this side closes first. They take none of the {} local ports.",
                                               served, all, examination.ports.usable));
  finding.subject = busiest_served_port(examination.traffic);
  finding.figures = {{"time_wait_served", static_cast<std::int64_t>(served)},
                     {"time_wait", static_cast<std::int64_t>(all)}};
}

void time_wait_client(const Examination& examination, FindingSink& found) {
  const std::uint64_t opened = time_wait_opened(examination);
  if (opened < kMany || any_ports_low(examination)) return;  // that one says it, and more
  const std::uint64_t all = time_wait_of(examination);
  Finding& finding = found.add("", fmt::format("{} of {} TIME_WAIT sockets are of connections that this host opened "
                                               "and closed first.",
                                               opened, all));
  finding.figures = {{"time_wait_opened", static_cast<std::int64_t>(opened)},
                     {"time_wait", static_cast<std::int64_t>(all)}};
  const DestinationUse* busiest = busiest_destination(examination);
  if (busiest == nullptr) return;
  const PortBudget budget = budget_of(examination, *busiest);
  finding.subject = to_text(busiest->destination);
  finding.evidence += fmt::format(
      " For the busiest destination {} of {} ports are taken{}; those that no open connection holds are enough for {} "
      "new connections/s.",
      budget.taken, budget.usable, reusable_text(budget, busiest->ports), per_second_text(budget.sustainable));
  if (budget.reuse) {
    finding.meaning =
        "This side opened the connections and closes them first. While tcp_tw_reuse applies, their ports "
        "are used again before the 60 seconds are over.";
  }
}

// The kernel makes as many as tcp_max_tw_buckets says; the next connection ends without one.
void time_wait_overflow(const Examination& examination, FindingSink& found) {
  const Growth overflow = growth_of(examination, "TcpExt.TCPTimeWaitOverflow");
  const std::uint64_t objects = time_wait_of(examination) + examination.traffic.fin_wait_2_objects;
  const auto limit = number_of(examination.settings, keys::kMaxTwBuckets);
  const bool none = limit && allows_no_time_wait(*limit, examination.host.kernel);
  const bool near = none || (limit && *limit > 0 && 10 * objects >= 9 * static_cast<std::uint64_t>(*limit));
  if (overflow.count == 0 && !near) return;
  const bool reached = none || overflow.now || (near && objects >= static_cast<std::uint64_t>(*limit));
  Finding& finding = found.add(
      keys::kMaxTwBuckets,
      fmt::format("TCPTimeWaitOverflow rose by {} {}; now {} TIME_WAIT and {} FIN_WAIT_2 without an owner of at most "
                  "{}.",
                  overflow.count, span_text(examination), time_wait_of(examination),
                  examination.traffic.fin_wait_2_objects, limit ? std::to_string(*limit) : "an unknown number"));
  if (none && *limit < 0) finding.evidence += " Before Linux 5.19 a negative limit allows none.";
  advise_limit(finding, limit, examination.tcp_hash_entries / 2);
  finding.severity = near ? Severity::warning : by_growth(overflow);
  if (near) finding.headline = "TIME_WAIT sockets are near their limit: beyond it connections end without TIME_WAIT";
  if (reached) finding.headline = "the limit of TIME_WAIT sockets is reached: connections end without TIME_WAIT";
  finding.figures = {{"overflows", overflow.count}, {"time_wait_objects", static_cast<std::int64_t>(objects)}};
  if (limit) finding.figures.push_back({"tcp_max_tw_buckets", *limit});
}

}  // namespace twctl::rules
