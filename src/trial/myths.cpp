#include "trial/myths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <utility>

namespace twctl {
namespace {

using std::chrono::milliseconds;
using Named = std::initializer_list<std::pair<std::string_view, std::string_view>>;  // by short name

constexpr int kPorts = 100;
constexpr milliseconds kLength{4000};
constexpr int kRate = 200;  // connections a second: more than the ports, and little work for the machine

SettingValues values(Named named) {
  SettingValues found;
  for (const auto& [name, value] : named) found.emplace_back(find_setting_by_any_name(name), value);
  return found;
}

constexpr int kNeverAccepted = 60;           // attempts at a server that does not call accept(), in a second
constexpr milliseconds kTimeForFew{20'000};  // they take a moment, unless the machine is very busy

// A client with 100 ports; the rest are the kernel's defaults.
Load load_with(Named client, Named server = {}) {
  Load load{.client_settings = values({{"ip_local_port_range", "40000 40099"}})};
  for (auto& one : values(client)) load.client_settings.push_back(std::move(one));
  load.server_settings = values(server);
  load.rate = kRate;
  load.length = kLength;
  return load;
}

// `count` connections, and a look at what is left of them.
Load few(int count, milliseconds watch, Named client = {}, Named server = {}) {
  Load load = load_with(client, server);
  load.most_attempts = count;
  load.length = kTimeForFew;
  load.watch = watch;
  return load;
}

// A server that does not call accept(), with one client after the other.
Load never_accepted(int backlog, Named server = {}) {
  Load load = load_with({}, server);
  load.accepts = false;
  load.backlog = backlog;
  load.rate = kNeverAccepted;
  load.most_attempts = kNeverAccepted;
  load.length = kTimeForFew;
  return load;
}

const LoadFigures& client(const Observed& seen) { return seen.client.back(); }
const LoadFigures& server(const Observed& seen) { return seen.server.back(); }

std::uint32_t in_state(const LoadFigures& figures, TcpState state) {
  return figures.states.at(static_cast<std::size_t>(state));
}
std::uint32_t peak(const LoadFigures& figures, TcpState state) {
  return figures.peaks.at(static_cast<std::size_t>(state));
}
std::int64_t witness(const LoadFigures& figures, std::string_view name) {
  const auto* found = std::find(kWitnesses.begin(), kWitnesses.end(), name);
  return figures.witnesses.at(static_cast<std::size_t>(found - kWitnesses.begin()));
}

// Seconds after the load from which on a state had no socket; -1: it had some to the last.
double gone_after(const Observed& seen, TcpState state) {
  double gone = -1;
  for (const LoadFigures& now : seen.client) {
    if (now.load_ms == 0) continue;
    const bool empty = in_state(now, state) == 0;
    if (!empty) gone = -1;
    if (empty && gone < 0) gone = static_cast<double>(now.ms - now.load_ms) / 1000;
  }
  return gone;
}

// Seconds after the load up to which a state had as many sockets as ever.
double whole_until(const Observed& seen, TcpState state) {
  const std::uint32_t count = peak(client(seen), state);
  double whole = 0;
  for (const LoadFigures& now : seen.client) {
    if (now.load_ms == 0 || in_state(now, state) < count) continue;
    whole = std::max(whole, static_cast<double>(now.ms - now.load_ms) / 1000);
  }
  return whole;
}

std::string lifetime_text(const Observed& seen, TcpState state) {
  const double gone = gone_after(seen, state);
  const std::string whole = fmt::format("of {} {} all were there after {:.0f} s", peak(client(seen), state),
                                        name_of(state), whole_until(seen, state));
  return gone < 0 ? whole : fmt::format("{}, none after {:.0f} s", whole, gone);
}

// What the loads have shown: each answer has a witness of its own. Where neither has come, because a busy machine has
// kept sockets, answers or looks at them back, the experiment shows nothing.
struct Shown {
  bool refutes = false;
  bool confirms = false;
};

MythJudgement judged(Shown shown, std::string measured, MythVerdict confirmed = MythVerdict::confirmed) {
  const MythVerdict otherwise = shown.confirms ? confirmed : MythVerdict::not_measured;
  return {.verdict = shown.refutes ? MythVerdict::refuted : otherwise, .measured = std::move(measured)};
}

// --- preconditions: what has to have happened for a load to say anything of a claim

// A busy machine may end a load a little before its last connections.
bool most_of(std::int64_t seen, std::int64_t asked) { return seen * 10 >= asked * 9; }

bool connected(const Observed& seen, std::int64_t asked) { return most_of(client(seen).connections, asked); }
bool tried(const Observed& seen, std::int64_t asked) { return most_of(client(seen).attempts, asked); }
bool reached(const Observed& seen, TcpState state, std::int64_t asked) {
  return most_of(peak(client(seen), state), asked);
}
bool used_up_ports(const Observed& seen) { return client(seen).address_unavailable > 0; }
bool more_than_ports(const Observed& seen) { return client(seen).connections > kPorts; }

MythJudgement only_if(bool precondition, MythJudgement judgement) {
  if (!precondition) judgement.verdict = MythVerdict::not_measured;
  return judgement;
}

// --- what a setting does to TIME_WAIT

constexpr std::uint32_t kFew = 50;

std::vector<Load> fin_timeout_loads(const MythScale& scale) {
  return {few(kFew, scale.time_wait, {{"tcp_fin_timeout", "2"}})};
}
MythJudgement fin_timeout_judgement(std::span<const Observed> seen) {
  constexpr double kLongerThanThat = 3;  // seconds
  constexpr double kTooSoon = 30;        // for the kernel's own 60, though the first were made while the load went on
  const double gone = gone_after(seen[0], TcpState::time_wait);
  return only_if(reached(seen[0], TcpState::time_wait, kFew),
                 judged({.refutes = whole_until(seen[0], TcpState::time_wait) >= kLongerThanThat,
                         .confirms = gone >= 0 && gone < kTooSoon},
                        "tcp_fin_timeout 2: " + lifetime_text(seen[0], TcpState::time_wait)));
}

std::vector<Load> conntrack_loads(const MythScale& scale) {
  Load load = few(kFew, scale.time_wait, {{"nf_conntrack_tcp_timeout_time_wait", "1"}});
  load.tracks_flows = true;
  return {load};
}
MythJudgement conntrack_judgement(std::span<const Observed> seen) {
  constexpr double kLongerThanThat = 3;  // seconds
  constexpr double kTooSoon = 30;        // for the kernel's own 60
  std::int64_t flows = 0;
  for (const LoadFigures& now : seen[0].client) flows = std::max(flows, witness(now, "conntrack.entries"));
  const double gone = gone_after(seen[0], TcpState::time_wait);
  return only_if(
      reached(seen[0], TcpState::time_wait, kFew) && most_of(flows, kFew),
      judged({.refutes = whole_until(seen[0], TcpState::time_wait) >= kLongerThanThat,
              .confirms = gone >= 0 && gone < kTooSoon},
             fmt::format("nf_conntrack_tcp_timeout_time_wait 1, {} flows on record, {} at the end: {}", flows,
                         witness(client(seen[0]), "conntrack.entries"), lifetime_text(seen[0], TcpState::time_wait))));
}

std::vector<Load> minutes_loads(const MythScale& scale) { return {few(kFew, scale.time_wait)}; }
MythJudgement minutes_judgement(std::span<const Observed> seen) {
  constexpr double kNotYet = 90;  // seconds
  const double gone = gone_after(seen[0], TcpState::time_wait);
  return only_if(
      reached(seen[0], TcpState::time_wait, kFew),
      judged({.refutes = gone >= 0 && gone < kNotYet, .confirms = whole_until(seen[0], TcpState::time_wait) >= kNotYet},
             lifetime_text(seen[0], TcpState::time_wait)));
}

std::vector<Load> longer_fin_timeout_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads;
  for (const char* seconds : {"60", "61"}) {
    loads.push_back(few(kFew, milliseconds(5000), {{"tcp_fin_timeout", seconds}}));
    loads.back().close_delay = std::nullopt;
  }
  return loads;
}
MythJudgement longer_fin_timeout_judgement(std::span<const Observed> seen) {
  const double with_60 = gone_after(seen[0], TcpState::fin_wait_2);
  const double with_61 = gone_after(seen[1], TcpState::fin_wait_2);
  return only_if(reached(seen[0], TcpState::fin_wait_2, kFew) && connected(seen[1], kFew) &&
                     peak(client(seen[1]), TcpState::fin_wait_2) > 0,
                 judged({.refutes = with_60 < 0 && with_61 >= 0, .confirms = with_60 >= 0 && with_61 < 0},
                        fmt::format("tcp_fin_timeout 60: {}; 61: {}", lifetime_text(seen[0], TcpState::fin_wait_2),
                                    lifetime_text(seen[1], TcpState::fin_wait_2))));
}

std::vector<Load> evict_loads(const MythScale& /*scale*/) {
  Load load = few(kPorts, milliseconds(2000));
  load.client_settings_later = values({{"tcp_max_tw_buckets", "10"}});
  return {load};
}
MythJudgement evict_judgement(std::span<const Observed> seen) {
  constexpr std::uint32_t kLimit = 10;
  const std::uint32_t left = in_state(client(seen[0]), TcpState::time_wait);
  return only_if(reached(seen[0], TcpState::time_wait, kPorts),
                 judged({.refutes = left == peak(client(seen[0]), TcpState::time_wait), .confirms = left <= kLimit},
                        fmt::format("{} TIME_WAIT, then tcp_max_tw_buckets 10: two seconds later there are {}",
                                    peak(client(seen[0]), TcpState::time_wait), left)));
}

// The server closes late, so that the client waits in FIN_WAIT_2, which is kept in the same objects.
std::vector<Load> buckets_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads{load_with({}), load_with({{"tcp_max_tw_buckets", "10"}})};
  for (Load& load : loads) {
    load.close_delay = milliseconds(200);
    load.watch = milliseconds(500);
  }
  return loads;
}
MythJudgement buckets_judgement(std::span<const Observed> seen) {
  const std::int64_t by_default = client(seen[0]).connections;
  const std::int64_t low = client(seen[1]).connections;
  const std::int64_t resets = witness(client(seen[1]), "Tcp.OutRsts");
  const std::string measured = fmt::format(
      "{} connections with {} ports; tcp_max_tw_buckets 10: {}, and the ends of {} were answered with a reset (before: "
      "{})",
      by_default, kPorts, low, resets, witness(client(seen[0]), "Tcp.OutRsts"));
  return only_if(used_up_ports(seen[0]),
                 judged({.refutes = used_up_ports(seen[1]) && low <= by_default, .confirms = more_than_ports(seen[1])},
                        measured, resets > 0 ? MythVerdict::at_a_price : MythVerdict::confirmed));
}

std::vector<Load> linger_loads(const MythScale& /*scale*/) {
  Load load = few(kFew, milliseconds(500));
  load.reset = true;
  return {load};
}
MythJudgement linger_judgement(std::span<const Observed> seen) {
  const std::int64_t resets = server(seen[0]).resets;
  const std::uint32_t time_wait = peak(client(seen[0]), TcpState::time_wait);
  return only_if(connected(seen[0], kFew),
                 judged({.refutes = time_wait > 0, .confirms = time_wait == 0},
                        fmt::format("{} connections: {} TIME_WAIT, and {} times ECONNRESET at the server",
                                    client(seen[0]).connections, time_wait, resets),
                        resets > 0 ? MythVerdict::at_a_price : MythVerdict::confirmed));
}

// A client that comes back late to a server that has gone: its TIME_WAIT answers with an ACK, and that is reset.
std::vector<Load> rfc1337_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads;
  for (const char* value : {"0", "1"}) {
    Load& load = loads.emplace_back(few(kFew, milliseconds(500), {}, {{"tcp_rfc1337", value}}));
    load.client_settings = {};  // the whole range, so that no port comes twice
    load.closes = Side::server;
    load.late_syns = true;
  }
  return loads;
}
MythJudgement rfc1337_judgement(std::span<const Observed> seen) {
  const auto had = [&](std::size_t load) { return server(seen[load]).connections; };
  const auto left = [&](std::size_t load) { return std::int64_t{in_state(server(seen[load]), TcpState::time_wait)}; };
  return only_if(had(0) == kFew && had(1) == kFew,
                 judged({.refutes = most_of(had(0) - left(0), had(0)) && left(1) == had(1),
                         .confirms = left(0) == had(0) && most_of(had(1) - left(1), had(1))},
                        fmt::format("a reset at each of {} TIME_WAIT: tcp_rfc1337 0 leaves {}, 1 leaves {}", kFew,
                                    left(0), left(1))));
}

// --- tcp_tw_reuse

std::vector<Load> server_reuse_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads;
  for (const char* reuse : {"0", "1"})
    loads.push_back(few(3 * kPorts, milliseconds(300), {}, {{"tcp_tw_reuse", reuse}}));
  for (Load& load : loads) load.closes = Side::server;
  return loads;
}
MythJudgement server_reuse_judgement(std::span<const Observed> seen) {
  const auto at = [&](std::size_t load) { return peak(server(seen[load]), TcpState::time_wait); };
  const std::int64_t recycled = witness(server(seen[1]), "TcpExt.TWRecycled");
  return only_if(
      connected(seen[0], 3 * kPorts) && connected(seen[1], 3 * kPorts) && at(0) > 0,
      judged({.refutes = at(1) > 0 && recycled == 0, .confirms = at(1) == 0 || recycled > 0},
             fmt::format("{} and {} connections, {} and {} TIME_WAIT at the server with tcp_tw_reuse 0 and 1; "
                         "TWRecycled there: {}",
                         client(seen[0]).connections, client(seen[1]).connections, at(0), at(1), recycled)));
}

std::vector<Load> timestamps_loads(const MythScale& /*scale*/) {
  return {load_with({{"tcp_tw_reuse", "1"}}), load_with({{"tcp_tw_reuse", "1"}, {"tcp_timestamps", "0"}})};
}
MythJudgement timestamps_judgement(std::span<const Observed> seen) {
  const std::int64_t without = client(seen[1]).connections;
  return only_if(
      more_than_ports(seen[0]),
      judged({.refutes = used_up_ports(seen[1]) && without <= kPorts, .confirms = more_than_ports(seen[1])},
             fmt::format("{} ports, tcp_tw_reuse 1: {} connections with timestamps, {} without, then EADDRNOTAVAIL",
                         kPorts, client(seen[0]).connections, without)));
}

std::vector<Load> reuse_2_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads{load_with({{"tcp_tw_reuse", "2"}}), load_with({{"tcp_tw_reuse", "2"}})};
  loads[1].loopback = true;
  return loads;
}
MythJudgement reuse_2_judgement(std::span<const Observed> seen) {
  const std::int64_t between = client(seen[0]).connections;
  const std::int64_t on_lo = client(seen[1]).connections;
  return only_if(more_than_ports(seen[1]),
                 judged({.refutes = used_up_ports(seen[0]) && between <= kPorts, .confirms = more_than_ports(seen[0])},
                        fmt::format("{} ports: {} connections on lo, {} between two hosts", kPorts, on_lo, between)));
}

std::vector<Load> recycled_loads(const MythScale& /*scale*/) {
  return {load_with({{"tcp_tw_reuse", "1"}, {"tcp_tw_recycle", "0"}})};
}
MythJudgement recycled_judgement(std::span<const Observed> seen) {
  const std::int64_t recycled = witness(client(seen[0]), "TcpExt.TWRecycled");
  const bool no_recycle = !seen[0].not_set.empty();
  return judged({.refutes = no_recycle && recycled > 0, .confirms = more_than_ports(seen[0]) && recycled == 0},
                fmt::format("tcp_tw_reuse 1, {} tcp_tw_recycle: {} connections with {} ports, TWRecycled {}",
                            no_recycle ? "no" : "with", client(seen[0]).connections, kPorts, recycled));
}

std::vector<Load> recycle_loads(const MythScale& /*scale*/) {
  return {few(kFew, milliseconds(500), {{"tcp_tw_recycle", "1"}})};
}
MythJudgement recycle_judgement(std::span<const Observed> seen) {
  const bool gone = !seen[0].not_set.empty();
  return judged({.refutes = gone},
                fmt::format("this kernel {} tcp_tw_recycle; {} connections left {} TIME_WAIT", gone ? "has no" : "has",
                            client(seen[0]).connections, peak(client(seen[0]), TcpState::time_wait)));
}

// --- limits

std::vector<Load> connections_loads(const MythScale& /*scale*/) {
  Load load = load_with({{"tcp_tw_reuse", "0"}});
  load.destinations = 4;
  return {load};
}
MythJudgement connections_judgement(std::span<const Observed> seen) {
  const std::uint32_t at_once = peak(client(seen[0]), TcpState::time_wait);
  return judged({.refutes = at_once > kPorts, .confirms = used_up_ports(seen[0]) && !more_than_ports(seen[0])},
                fmt::format("{} ports: {} connections in TIME_WAIT at once, to 4 destinations", kPorts, at_once));
}

constexpr int kServersPorts = 10;

std::vector<Load> server_range_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads{few(3 * kPorts, milliseconds(0), {}, {{"ip_local_port_range", "50000 50009"}}),
                          few(3 * kPorts, milliseconds(0))};
  for (Load& load : loads) load.client_settings = values({{"ip_local_port_range", "40000 40999"}});
  return loads;
}
MythJudgement server_range_judgement(std::span<const Observed> seen) {
  const std::int64_t narrow = server(seen[0]).connections;
  const std::int64_t wide = server(seen[1]).connections;
  return only_if(tried(seen[0], 3 * kPorts) && connected(seen[1], 3 * kPorts),
                 judged({.refutes = most_of(narrow, wide), .confirms = narrow <= kServersPorts},
                        fmt::format("the server took {} connections with {} ports in its range, {} with 28232", narrow,
                                    kServersPorts, wide)));
}

std::vector<Load> time_wait_costs_loads(const MythScale& /*scale*/) { return {few(kPorts, milliseconds(1000))}; }
MythJudgement time_wait_costs_judgement(std::span<const Observed> seen) {
  const std::int64_t descriptors = client(seen[0]).descriptors;
  const std::uint32_t time_wait = in_state(client(seen[0]), TcpState::time_wait);
  return only_if(
      reached(seen[0], TcpState::time_wait, kPorts),
      judged({.refutes = time_wait > 0 && descriptors == 0, .confirms = descriptors >= kPorts},
             fmt::format("{} TIME_WAIT: the process holds {} descriptors for them", time_wait, descriptors)));
}

std::vector<Load> sockstat_loads(const MythScale& /*scale*/) {
  Load load = few(kFew, milliseconds(1000));
  load.close_delay = std::nullopt;
  return {load};
}
MythJudgement sockstat_judgement(std::span<const Observed> seen) {
  const std::int64_t tw = witness(client(seen[0]), "sockstat.TCP.tw");
  const std::uint32_t time_wait = in_state(client(seen[0]), TcpState::time_wait);
  return only_if(connected(seen[0], kFew) && most_of(in_state(client(seen[0]), TcpState::fin_wait_2), kFew),
                 judged({.refutes = tw > time_wait, .confirms = tw == time_wait},
                        fmt::format("tw {}: {} TIME_WAIT and {} FIN_WAIT_2", tw, time_wait,
                                    in_state(client(seen[0]), TcpState::fin_wait_2))));
}

// --- servers that are too slow

std::vector<Load> backlog_loads(const MythScale& /*scale*/) {
  return {never_accepted(8, {{"tcp_max_syn_backlog", "128"}}), never_accepted(8, {{"tcp_max_syn_backlog", "4096"}}),
          never_accepted(8, {{"tcp_max_syn_backlog", "4096"}, {"tcp_syncookies", "0"}}),
          never_accepted(40, {{"tcp_max_syn_backlog", "128"}})};
}
MythJudgement backlog_judgement(std::span<const Observed> seen) {
  const auto taken = [&](std::size_t load) { return client(seen[load]).connections; };
  // Handshakes that overlap may put one more into a full queue; what a longer one takes is several times as much.
  const std::int64_t most_of_two = std::max(taken(1), taken(2));
  return only_if(
      std::all_of(seen.begin(), seen.end(), [](const auto& one) { return tried(one, kNeverAccepted); }),
      judged({.refutes = most_of_two * 2 < taken(3), .confirms = taken(0) * 2 < taken(3) && most_of_two >= taken(3)},
             fmt::format("listen(8): {} connections with tcp_max_syn_backlog 128, {} with 4096, {} with 4096 and no "
                         "cookies; listen(40) and 128: {}",
                         taken(0), taken(1), taken(2), taken(3))));
}

// Clients that never end their handshake fill the queue of half-open connections.
std::vector<Load> cookies_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads{never_accepted(8), never_accepted(8, {{"tcp_syncookies", "0"}})};
  for (Load& load : loads) load.half_open = true;
  return loads;
}
MythJudgement cookies_judgement(std::span<const Observed> seen) {
  const auto cookies = [&](std::size_t load) { return witness(server(seen[load]), "TcpExt.SyncookiesSent"); };
  const auto dropped = [&](std::size_t load) { return witness(server(seen[load]), "TcpExt.TCPReqQFullDrop"); };
  return only_if(cookies(1) == 0 && dropped(1) > 0,
                 judged({.refutes = cookies(0) > 0 && dropped(0) == 0, .confirms = cookies(0) == 0 && dropped(0) > 0},
                        fmt::format("listen(8) and {} clients that leave their handshake half open: tcp_syncookies not "
                                    "set: {} cookies sent, {} SYNs dropped; set to 0: {} and {}",
                                    kNeverAccepted, cookies(0), dropped(0), cookies(1), dropped(1))));
}

std::vector<Load> somaxconn_loads(const MythScale& /*scale*/) {
  std::vector<Load> loads{never_accepted(4096, {{"somaxconn", "8"}}), never_accepted(4096, {{"somaxconn", "4096"}})};
  loads[0].server_settings_after_listen = values({{"somaxconn", "4096"}});
  return loads;
}
MythJudgement somaxconn_judgement(std::span<const Observed> seen) {
  const std::int64_t raised = client(seen[0]).connections;
  const std::int64_t from_the_start = client(seen[1]).connections;
  return only_if(
      tried(seen[0], kNeverAccepted) && connected(seen[1], kNeverAccepted),
      judged({.refutes = raised * 2 < from_the_start, .confirms = most_of(raised, from_the_start)},
             fmt::format("somaxconn 8, raised to 4096 after listen(): {} connections wait; 4096 before it: {}", raised,
                         from_the_start)));
}

std::vector<Load> abort_loads(const MythScale& /*scale*/) {
  return {never_accepted(8, {{"tcp_abort_on_overflow", "0"}}), never_accepted(8, {{"tcp_abort_on_overflow", "1"}})};
}
MythJudgement abort_judgement(std::span<const Observed> seen) {
  const auto told = [&](std::size_t load) { return client(seen[load]).other_errors + client(seen[load]).resets; };
  const LoadFigures& with = client(seen[1]);
  const std::int64_t unanswered = with.attempts - with.connections - told(1);
  return only_if(
      tried(seen[0], kNeverAccepted) && tried(seen[1], kNeverAccepted) && with.connections > 0 &&
          with.connections < with.attempts,
      judged({.refutes = unanswered > told(1), .confirms = most_of(told(1), with.attempts - with.connections)},
             fmt::format("tcp_abort_on_overflow 1: of {} attempts {} were told, {} got no "
                         "answer; with 0: {} were told",
                         with.attempts, told(1), unanswered, told(0))));
}

// The client forgets its FIN_WAIT_2 after a second, so that the server's probe finds nobody.
std::vector<Load> keepalive_loads(const MythScale& /*scale*/) {
  Load load = few(kFew, milliseconds(7000), {{"tcp_fin_timeout", "1"}},
                  {{"tcp_keepalive_time", "1"}, {"tcp_keepalive_intvl", "1"}, {"tcp_keepalive_probes", "1"}});
  load.close_delay = std::nullopt;
  load.keepalive = true;
  return {load};
}
MythJudgement keepalive_judgement(std::span<const Observed> seen) {
  const std::int64_t held = server(seen[0]).descriptors;
  return only_if(most_of(peak(server(seen[0]), TcpState::close_wait), kFew),
                 judged({.refutes = most_of(held, kFew), .confirms = held == 0},
                        fmt::format("CLOSE_WAIT fell from {} to {}; the server still holds {} descriptors",
                                    peak(server(seen[0]), TcpState::close_wait),
                                    in_state(server(seen[0]), TcpState::close_wait), held)));
}

constexpr std::array kExperiments{
    Experiment{.myth = "fin-timeout-shortens-time-wait", .loads = fin_timeout_loads, .judge = fin_timeout_judgement},
    Experiment{.myth = "time-wait-is-minutes", .loads = minutes_loads, .judge = minutes_judgement},
    Experiment{.myth = "conntrack-time-wait-is-the-same", .loads = conntrack_loads, .judge = conntrack_judgement},
    Experiment{.myth = "longer-fin-timeout", .loads = longer_fin_timeout_loads, .judge = longer_fin_timeout_judgement},
    Experiment{.myth = "reuse-helps-servers", .loads = server_reuse_loads, .judge = server_reuse_judgement},
    Experiment{.myth = "reuse-needs-nothing", .loads = timestamps_loads, .judge = timestamps_judgement},
    Experiment{.myth = "reuse-is-on-by-default", .loads = reuse_2_loads, .judge = reuse_2_judgement},
    Experiment{.myth = "recycle-is-safe", .loads = recycle_loads, .judge = recycle_judgement},
    Experiment{.myth = "twrecycled-means-recycle", .loads = recycled_loads, .judge = recycled_judgement},
    Experiment{.myth = "fewer-buckets-clean-up", .loads = evict_loads, .judge = evict_judgement},
    Experiment{.myth = "fewer-buckets-cure",
               .expected = MythVerdict::at_a_price,
               .loads = buckets_loads,
               .judge = buckets_judgement},
    Experiment{.myth = "linger-zero-cures",
               .expected = MythVerdict::at_a_price,
               .loads = linger_loads,
               .judge = linger_judgement},
    Experiment{.myth = "time-wait-costs", .loads = time_wait_costs_loads, .judge = time_wait_costs_judgement},
    Experiment{.myth = "sockstat-tw-is-time-wait", .loads = sockstat_loads, .judge = sockstat_judgement},
    Experiment{.myth = "rfc1337-zero-protects", .loads = rfc1337_loads, .judge = rfc1337_judgement},
    Experiment{.myth = "65535-connections", .loads = connections_loads, .judge = connections_judgement},
    Experiment{.myth = "servers-need-a-wide-range", .loads = server_range_loads, .judge = server_range_judgement},
    Experiment{.myth = "syncookies-off-by-default", .loads = cookies_loads, .judge = cookies_judgement},
    Experiment{.myth = "raise-syn-backlog", .loads = backlog_loads, .judge = backlog_judgement},
    Experiment{.myth = "somaxconn-acts-at-once", .loads = somaxconn_loads, .judge = somaxconn_judgement},
    Experiment{.myth = "abort-on-overflow-rejects", .loads = abort_loads, .judge = abort_judgement},
    Experiment{.myth = "keepalive-cures-close-wait", .loads = keepalive_loads, .judge = keepalive_judgement},
};

// A key that the kernel does not have is a result only where the claim is about that key.
std::string not_in_force(const Experiment& experiment, std::span<const Observed> observed) {
  const bool is_about_recycle = experiment.myth == "recycle-is-safe" || experiment.myth == "twrecycled-means-recycle";
  for (const Observed& one : observed) {
    for (const std::string& key : one.not_set) {
      if (!is_about_recycle || !key.ends_with("tcp_tw_recycle")) return key;
    }
  }
  return "";
}

}  // namespace

std::span<const Experiment> experiments() { return kExperiments; }

MythJudgement judge(const Experiment& experiment, std::span<const Observed> observed) {
  const bool ended = std::all_of(observed.begin(), observed.end(), [](const Observed& one) { return one.ended == 2; });
  if (!ended) return {};
  if (const std::string key = not_in_force(experiment, observed); !key.empty()) {
    return {.measured = key + " could not be set in the namespaces"};
  }
  MythJudgement judgement = experiment.judge(observed);
  judgement.too_busy = judgement.verdict == MythVerdict::not_measured;
  return judgement;
}

Result<MythTrial> try_myths(Platform& bench, const MythScale& scale, const MythProgress& progress) {
  MythTrial trial;
  TRY(trial.host, bench.host_facts());
  std::vector<Load> loads;
  std::vector<std::size_t> begins;  // where the loads of each experiment begin
  for (const Experiment& experiment : kExperiments) {
    begins.push_back(loads.size());
    for (Load& load : experiment.loads(scale)) loads.push_back(std::move(load));
  }
  begins.push_back(loads.size());
  std::vector<Observed> observed(loads.size());
  const auto all = static_cast<double>((scale.time_wait + kLength).count());
  std::int64_t latest = 0;
  const LoadSink sink{.take =
                          [&](std::size_t load, Side side, const LoadFigures& figures, bool is_last) {
                            (side == Side::client ? observed[load].client : observed[load].server).push_back(figures);
                            if (is_last && !bench.run().interrupted()) ++observed[load].ended;
                            latest = std::max(latest, figures.ms);
                            progress(std::min(static_cast<double>(latest) / all, 0.99));
                          },
                      .not_set = [&](std::size_t load, Side, const Setting& setting,
                                     const std::string&) { observed[load].not_set.emplace_back(setting.key); },
                      .go_on = [&] { return !bench.run().interrupted(); }};
  TRY_VOID(bench.load_bench()->run(loads, sink));
  progress(1);
  trial.interrupted = bench.run().interrupted();
  trial.seconds = static_cast<double>(latest) / 1000;
  for (std::size_t i = 0; i < kExperiments.size(); ++i) {
    const auto seen = std::span(observed).subspan(begins[i], begins[i + 1] - begins[i]);
    trial.results.push_back({&kExperiments.at(i), judge(kExperiments.at(i), seen)});
  }
  return trial;
}

}  // namespace twctl
