// What only the counters tell: PAWS, connection tracking, resets.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"

namespace twctl::rules {
namespace {

constexpr double kManyAborts = 10;        // a second
constexpr std::int64_t kAbortShare = 20;  // percent of all connections, where there is only a total

}  // namespace

// Not PAWSOldAck (since Linux 6.14): acknowledgements that were overtaken on the way, and no loss.
void paws_rejects(const Examination& examination, FindingSink& found) {
  const Growth rejects =
      growth_of(examination, {"TcpExt.PAWSEstab", "TcpExt.PAWSActive", "TcpExt.PAWSPassive", "TcpExt.PAWSTimewait"});
  if (rejects.count == 0) return;
  std::vector<std::string> counters;
  for (const std::string name : {"PAWSEstab", "PAWSActive", "PAWSPassive", "PAWSTimewait"}) {
    const std::int64_t count = growth_of(examination, "TcpExt." + name).count;
    if (count != 0) counters.push_back(fmt::format("{} +{}", name, count));
  }
  Finding& finding =
      found.add(keys::kTimestamps, fmt::format("{} segments were rejected by PAWS {}: {}.", rejects.count,
                                               span_text(examination), join(counters, ", ")));
  finding.severity = by_growth(rejects);
  if (growth_of(examination, "TcpExt.PAWSPassive").count > 0) {
    finding.advice = "PAWSPassive rises: tcp_tw_recycle is on and drops clients behind NAT. Set it to 0.";
  }
  finding.figures = {{"paws_rejects", rejects.count}};
}

void conntrack_near_full(const Examination& examination, FindingSink& found) {
  const std::int64_t entries = counter_of(examination, "conntrack.entries");
  const auto limit = number_of(examination.settings, keys::kConntrackMax);
  const Growth drops = growth_of(examination, {"conntrack.drop", "conntrack.early_drop"});
  if (!is_nearly(entries, limit) && drops.count == 0) return;
  Finding& finding = found.add(
      keys::kConntrackMax,
      fmt::format("{} entries of at most {}; {} packets were dropped for it {}. An ended connection stays for {} s "
                  "(nf_conntrack_tcp_timeout_time_wait), which has nothing to do with the socket's TIME_WAIT.",
                  entries, limit_text(limit), drops.count, span_text(examination),
                  limit_text(number_of(examination.settings, keys::kConntrackTimeWait))));
  finding.severity = is_nearly(entries, limit) ? Severity::warning : by_growth(drops);
  finding.figures = {{"conntrack_entries", entries}, {"conntrack_drops", drops.count}};
  if (limit) finding.figures.push_back({"nf_conntrack_max", *limit});
}

// SO_LINGER 0 cannot be seen on a socket. Its resets are counted, but in the counter of data that comes after close():
// Linux net/ipv4/tcp.c, __tcp_close(), and tcp_input.c, tcp_rcv_state_process().
void aborted_connections(const Examination& examination, FindingSink& found) {
  const Growth on_data = growth_of(examination, "TcpExt.TCPAbortOnData");
  const Growth on_close = growth_of(examination, "TcpExt.TCPAbortOnClose");
  const Growth resets = growth_of(examination, "Tcp.OutRsts");
  const std::int64_t aborts = on_data.count + on_close.count;
  const std::int64_t opens = growth_of(examination, {"Tcp.ActiveOpens", "Tcp.PassiveOpens"}).count;
  const bool sampled = examination.seconds > 0;
  const bool many = sampled ? static_cast<double>(aborts) >= kManyAborts * examination.seconds
                            : aborts >= 1000 && aborts * 100 >= opens * kAbortShare;
  if (!many) return;
  Finding& finding = found.add(
      "", fmt::format("{} reset because data came after close(), or for SO_LINGER 0 (TCPAbortOnData counts both), {} "
                      "closed with data unread (TCPAbortOnClose), {} resets sent in all (OutRsts), {}.",
                      on_data.count, on_close.count, resets.count, span_text(examination)));
  finding.figures = {
      {"abort_on_data", on_data.count}, {"abort_on_close", on_close.count}, {"resets_sent", resets.count}};
}

}  // namespace twctl::rules
