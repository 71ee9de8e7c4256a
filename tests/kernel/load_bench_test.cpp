// Loads against the real kernel, held to the model by counts: rates are the machine's, counts are the kernel's.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

#include "diagnose/port_model.hpp"
#include "platform/platform.hpp"
#include "support/measured.hpp"
#include "support/skip.hpp"
#include "trial/myths.hpp"

namespace {

using namespace twctl;
using namespace twctl::test;
using std::chrono::milliseconds;

constexpr int kPorts = 100;

// A client with 100 ports; what else the test wants of it.
Load load_with(SettingValues more, milliseconds length = milliseconds(500)) {
  Load load{.client_settings = values({{"ip_local_port_range", "40000 40099"}}), .length = length};
  for (auto& one : more) load.client_settings.push_back(std::move(one));
  return load;
}

PortModel model_of(const Load& load) {
  LiveSettings live;
  for (const auto& [setting, value] : load.client_settings) live.emplace(setting->key, value);
  ModelHost host;
  const auto facts = (*make_platform({}))->host_facts();
  host.kernel = facts->kernel;
  host.max_tw_buckets = number_of(live, "net.ipv4.tcp_max_tw_buckets");
  PortSettings ports = *port_settings(live);
  if (load.socket_range) ports = with_socket_range(ports, *load.socket_range);
  return port_model(ports, host, load);
}

bool has_reuse_delay() {
  const auto host = *make_platform({});
  return host->settings().read(*find_setting_by_any_name("tcp_tw_reuse_delay"))->in_force().has_value();
}

// The same with so many attempts, however long a busy machine takes for them; what they leave is looked at a little
// later.
Load attempts_with(std::int64_t attempts, SettingValues more) {
  Load load = load_with(std::move(more), milliseconds(30'000));
  load.most_attempts = attempts;
  load.watch = milliseconds(1000);
  return load;
}

// What neither a slow machine nor a fast one may change.
void check_bounds(const Load& load, const Measured& seen) {
  const PortModel model = model_of(load);
  CHECK(seen.not_set.empty());
  if (model.most) CHECK(seen.client.connections <= *model.most);
  CHECK(seen.client.other_errors == 0);
  CHECK(seen.client.resets == 0);
  CHECK(seen.server.connections == seen.client.connections);
}

}  // namespace

#define MEASURE(name, load)             \
  const Measured name = measured(load); \
  if (!(name).problem.empty()) SKIP_TEST((name).problem)

TEST_CASE("without reuse a client makes one connection a port and destination, then connect() fails") {
  for (const int destinations : {1, 4}) {
    Load load = attempts_with(kPorts * destinations + 5, values({{"tcp_tw_reuse", "0"}}));
    load.destinations = destinations;
    MEASURE(seen, load);
    check_bounds(load, seen);
    CHECK(seen.client.before_no_port == kPorts * destinations);
    CHECK(seen.client.connections == kPorts * destinations);
    CHECK(seen.client.address_unavailable == 5);
    CHECK(seen.client.attempts == seen.client.connections + seen.client.address_unavailable);
    CHECK(witness(seen.client, "TcpExt.TWRecycled") == 0);
    CHECK(peak(seen.client, TcpState::time_wait) == static_cast<std::uint32_t>(kPorts * destinations));
  }
}

TEST_CASE("with a reuse delay each port serves once a delay, and TWRecycled counts the times after the first") {
  if (!has_reuse_delay()) SKIP_TEST("this kernel has no tcp_tw_reuse_delay");
  struct Case {
    int delay;  // ms
    int length;
    int destinations;
    const char* range;
    int ports;
  };
  for (const Case& one : {Case{1000, 2500, 1, "40000 40099", 100}, Case{1000, 2500, 4, "40000 40023", 96},
                          Case{100, 550, 1, "40000 40099", 100}, Case{100, 550, 4, "40000 40023", 96}}) {
    CAPTURE(one.delay);
    CAPTURE(one.destinations);
    const auto load_in = [&](Load load) {
      load.client_settings.front().second = one.range;
      load.destinations = one.destinations;
      return load;
    };
    const Load load = load_in(load_with(
        values({{"tcp_tw_reuse", "1"}, {"tcp_tw_reuse_delay", std::to_string(one.delay)}}), milliseconds(one.length)));
    const Load ports_once = load_in(attempts_with(one.ports, values({{"tcp_tw_reuse", "0"}})));
    bool quick = false;
    bool exact = false;
    for (int attempt = 0; attempt < 5 && !exact; ++attempt) {
      MEASURE(once, ports_once);
      // A machine that takes longer uses ports again before all have been used.
      if (once.client.load_ms * 2 > one.delay) continue;
      quick = true;
      MEASURE(seen, load);
      check_bounds(load, seen);
      CHECK((seen.client.before_no_port < 0 || seen.client.before_no_port >= one.ports));
      exact = seen.client.before_no_port == one.ports && seen.client.connections > one.ports &&
              witness(seen.client, "TcpExt.TWRecycled") == seen.client.connections - one.ports;
    }
    if (!quick) SKIP_TEST("this machine is too busy to use its ports up within the delay");
    CHECK(exact);
  }
}

TEST_CASE("reuse 2 is inert between two hosts, and works on lo") {
  if (!has_reuse_delay()) SKIP_TEST("this kernel has no tcp_tw_reuse_delay");
  Load load = load_with(values({{"tcp_tw_reuse", "2"}, {"tcp_tw_reuse_delay", "100"}}), milliseconds(2000));
  MEASURE(apart, load);
  check_bounds(load, apart);
  CHECK(apart.client.connections == kPorts);
  load.loopback = true;
  MEASURE(together, load);
  check_bounds(load, together);
  CHECK(together.client.connections > kPorts);
}

TEST_CASE("reuse does nothing without timestamps, whatever tcp_fin_timeout says") {
  const Load load = load_with(
      values({{"tcp_tw_reuse", "1"}, {"tcp_tw_reuse_delay", "100"}, {"tcp_timestamps", "0"}, {"tcp_fin_timeout", "1"}}),
      milliseconds(2000));
  MEASURE(seen, load);
  CHECK(seen.client.connections == kPorts);
}

TEST_CASE("bind() before connect() has one range for all destinations, unless the address alone is bound") {
  Load load = attempts_with(4 * kPorts + 5, values({{"tcp_tw_reuse", "0"}}));
  load.destinations = 4;
  load.binding = Binding::port;
  MEASURE(bound, load);
  check_bounds(load, bound);
  CHECK(bound.client.connections == kPorts);
  CHECK(bound.client.address_in_use > 0);
  CHECK(bound.client.address_unavailable == 0);
  load.binding = Binding::address;
  MEASURE(address, load);
  check_bounds(load, address);
  CHECK(address.client.connections == 4 * kPorts);
}

TEST_CASE("sockets with a range of their own have as many ports as the model says, bound first or not") {
  for (const auto& row : {std::pair{PortRange{40020, 40039}, 20}, std::pair{PortRange{30000, 40029}, 30},
                          std::pair{PortRange{40080, 65000}, 20}, std::pair{PortRange{1024, 65000}, kPorts}}) {
    const auto& range = row.first;
    const auto& ports = row.second;
    for (const Binding binding : {Binding::none, Binding::port, Binding::address}) {
      CAPTURE(range.first);
      CAPTURE(static_cast<int>(binding));
      Load load = attempts_with(2 * kPorts + 5, values({{"tcp_tw_reuse", "0"}}));
      load.destinations = 2;
      load.socket_range = range;
      load.binding = binding;
      load.watch = milliseconds(0);
      MEASURE(seen, load);
      check_bounds(load, seen);
      const int expected = binding == Binding::port ? ports : 2 * ports;
      CHECK(model_of(load).most == expected);
      CHECK(seen.client.connections == expected);
      CHECK(seen.client.before_no_port == expected);
    }
  }
}

TEST_CASE("a server that closes first has the TIME_WAIT, and its client no limit") {
  Load load = attempts_with(3 * kPorts, values({{"tcp_tw_reuse", "0"}}));
  load.closes = Side::server;
  MEASURE(seen, load);
  check_bounds(load, seen);
  CHECK(seen.client.connections == 3 * kPorts);
  CHECK(seen.client.address_unavailable == 0);
  CHECK(peak(seen.client, TcpState::time_wait) == 0);
  CHECK(peak(seen.server, TcpState::time_wait) <= kPorts);
  CHECK(peak(seen.server, TcpState::time_wait) > 0);
}

TEST_CASE("connections that are kept, a rate, and a number of attempts are kept to") {
  Load load = load_with(values({{"tcp_tw_reuse", "0"}}));
  load.rounds = 5;
  load.rate = 100;
  MEASURE(slow, load);
  check_bounds(load, slow);
  CHECK(slow.client.attempts <= 50);
  CHECK(slow.client.address_unavailable == 0);
  load.rate = 0;
  load.length = milliseconds(30'000);
  load.most_attempts = 30;
  MEASURE(few, load);
  CHECK(few.client.connections == 30);
}

TEST_CASE("connections that are kept end with their load") {
  Load load = load_with({}, milliseconds(1000));
  load.rounds = 10'000;
  MEASURE(seen, load);
  CHECK(seen.client.connections <= load.in_flight);  // none has come to its last round, so none has followed
  CHECK(seen.client.load_ms < 2000);
  CHECK(seen.client.ms < 3000);  // it would take ten seconds and more
}

TEST_CASE("IPv6 has the same counts") {
  Load load = attempts_with(2 * kPorts + 5, values({{"tcp_tw_reuse", "0"}}));
  load.ipv6 = true;
  load.destinations = 2;
  MEASURE(seen, load);
  check_bounds(load, seen);
  CHECK(seen.client.connections == 2 * kPorts);
}

TEST_CASE("loads that run at the same time do not see each other") {
  const Load load = attempts_with(kPorts + 5, values({{"tcp_tw_reuse", "0"}}));
  const std::vector<Measured> seen = measured(std::vector{load, load, load});
  if (!seen.front().problem.empty()) SKIP_TEST(seen.front().problem);
  for (const Measured& one : seen) CHECK(one.client.connections == kPorts);
}

TEST_CASE("above tcp_max_tw_buckets a connection leaves no TIME_WAIT and takes no port") {
  const Load load = attempts_with(3 * kPorts, values({{"tcp_tw_reuse", "0"}, {"tcp_max_tw_buckets", "10"}}));
  MEASURE(seen, load);
  check_bounds(load, seen);
  CHECK_FALSE(model_of(load).most.has_value());
  CHECK(seen.client.connections > kPorts);
  CHECK(peak(seen.client, TcpState::time_wait) == 10);
  CHECK(witness(seen.client, "TcpExt.TCPTimeWaitOverflow") == seen.client.connections - 10);
}

TEST_CASE("clients that hear no answer fill the queue of half-open connections") {
  Load load = attempts_with(40, {});
  load.accepts = false;
  load.backlog = 8;
  load.half_open = true;
  MEASURE(with_cookies, load);
  CHECK(with_cookies.client.connections == 0);
  CHECK(peak(with_cookies.server, TcpState::syn_recv) == 9);
  CHECK(witness(with_cookies.server, "TcpExt.SyncookiesSent") > 0);
  CHECK(witness(with_cookies.server, "TcpExt.TCPReqQFullDrop") == 0);
  load.server_settings = values({{"tcp_syncookies", "0"}});
  MEASURE(without, load);
  CHECK(witness(without.server, "TcpExt.SyncookiesSent") == 0);
  CHECK(witness(without.server, "TcpExt.TCPReqQFullDrop") > 0);
}

TEST_CASE("a SYN that comes late ends a TIME_WAIT that nobody listens behind, unless tcp_rfc1337 is 1") {
  constexpr int kConnections = 50;
  for (const auto& [value, left] : {std::pair{"0", 0U}, std::pair{"1", 50U}}) {
    Load load = attempts_with(kConnections, {});
    load.client_settings = {};  // the whole range, so that no port comes twice
    load.server_settings = values({{"tcp_rfc1337", value}});
    load.closes = Side::server;
    load.late_syns = true;
    MEASURE(seen, load);
    CHECK(seen.server.connections == kConnections);
    CHECK(seen.server.states.at(static_cast<std::size_t>(TcpState::time_wait)) == left);
  }
}

TEST_CASE("a load may have its flows on record, where the kernel has connection tracking") {
  constexpr int kConnections = 30;
  Load load = attempts_with(kConnections, values({{"nf_conntrack_tcp_timeout_time_wait", "30"}}));
  MEASURE(untracked, load);
  if (!untracked.not_set.empty()) SKIP_TEST("this kernel has no connection tracking, or not yet");
  CHECK(witness(untracked.client, "conntrack.entries") == 0);
  load.tracks_flows = true;
  MEASURE(tracked, load);
  CHECK(tracked.client.connections == kConnections);
  CHECK(witness(tracked.client, "conntrack.entries") == kConnections);
}

TEST_CASE("no two myths are tried under one name, and each is one of the catalogue") {
  std::set<std::string_view> names;
  for (const Experiment& experiment : experiments()) {
    CAPTURE(experiment.myth);
    CHECK(find_myth(experiment.myth) != nullptr);
    CHECK(names.insert(experiment.myth).second);
  }
}

// All but how long TIME_WAIT lasts, which would take a minute.
TEST_CASE("each myth comes out as its row has it") {
  const auto host = *make_platform({});
  const Result<MythTrial> trial = try_myths(*host, {.time_wait = milliseconds(6000)}, [](double) {});
  if (!trial) SKIP_TEST(trial.error().message);
  if (host->host_facts()->kernel < KernelVersion{6, 14, 0}) SKIP_TEST("the rows were written for Linux 6.14 and later");
  std::size_t measured = 0;  // a busy machine may leave a row open, and must not make it wrong
  for (const MythResult& result : trial->results) {
    CAPTURE(result.experiment->myth);
    CAPTURE(result.judgement.measured);
    const bool takes_a_minute = result.experiment->myth == "time-wait-is-minutes";
    const MythVerdict verdict = result.judgement.verdict;
    if (verdict == MythVerdict::not_measured) continue;
    ++measured;
    CHECK(verdict == (takes_a_minute ? MythVerdict::not_measured : result.experiment->expected));
  }
  CHECK(measured * 2 > trial->results.size());
}
