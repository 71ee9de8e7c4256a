// What users met and what is right, on hosts in memory: the counters and tables are as Linux 6.18 has them there.
// The same for real: tests/kernel/doctor_test.cpp.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using test::run_cli;

namespace {

IpAddress server(int number) { return ipv4_address(10, 9, 0, static_cast<std::uint8_t>(10 + number)); }

struct Ports {
  int first = 40000;
  int last = 40099;
};

void host_with(test::MemoryHost& host, Ports ports, const char* reuse) {
  test::stock_host(host);
  host.store.set("net.ipv4.ip_local_port_range", fmt::format("{} {}", ports.first, ports.last));
  host.store.set("net.ipv4.tcp_tw_reuse", reuse);
  host.store.set("net.ipv4.tcp_max_tw_buckets", "131072");
}

void connect(test::MemoryHost& host, TcpState state, int port, const IpAddress& to, int age_ms = 20000) {
  Socket& socket = host.connections.table.emplace_back();
  socket.state = state;
  socket.local = ipv4_address(10, 9, 0, 1);
  socket.remote = to;
  socket.local_port = static_cast<std::uint16_t>(port);
  socket.remote_port = 9000;
  if (state != TcpState::time_wait) return;
  socket.timer = SocketTimer::time_wait;
  socket.timer_ms = static_cast<std::uint32_t>(60000 - age_ms);
}

// As bind() to port 0 hands them out: first the half that connect() takes last.
std::vector<int> in_the_order_of_bind(Ports ports, int but_not = 0) {
  std::vector<int> order;
  for (int start : {ports.first + 1, ports.first}) {
    for (int port = start; port <= ports.last; port += 2) {
      if (port != but_not) order.push_back(port);
    }
  }
  return order;
}

struct Bound {
  int count = 100;
  int destinations = 4;
  TcpState state = TcpState::established;
  const char* reuse = "0";
  Ports ports = {};
  int reserved = 0;
};

test::Furnish bound(const Bound& wish) {
  return [wish](test::MemoryHost& host) {
    host_with(host, wish.ports, wish.reuse);
    if (wish.reserved != 0) host.store.set("net.ipv4.ip_local_reserved_ports", std::to_string(wish.reserved));
    const std::vector<int> order = in_the_order_of_bind(wish.ports, wish.reserved);
    for (int i = 0; i < wish.count; ++i) {
      connect(host, wish.state, order[static_cast<std::size_t>(i)], server(1 + i % wish.destinations));
    }
  };
}

// connect() alone: each destination has the range to itself, and takes first the half that begins it.
test::Furnish connected(int destinations, int each, TcpState state = TcpState::established, const char* reuse = "0") {
  return [=](test::MemoryHost& host) {
    host_with(host, {}, reuse);
    for (int d = 0; d < destinations; ++d) {
      for (int i = 0; i < each; ++i) {
        const int step = (7 * d + i) % 50;  // each destination begins elsewhere
        connect(host, state, 40000 + 2 * step + (i < 50 ? 0 : 1), server(1 + d));
      }
    }
  };
}

std::string titles(const test::Furnish& furnish) { return run_cli({"doctor", "-q"}, furnish).results; }

bool says(const test::Furnish& furnish, std::string_view text) {
  const std::string said = run_cli({"doctor"}, furnish).results;
  std::string single;  // line ends fall where the screen wants them
  for (std::size_t i = 0; i < said.size(); ++i) {
    const bool blank = said[i] == ' ' || said[i] == '\n';
    if (!blank) single += said[i];
    if (blank && !single.ends_with(' ')) single += ' ';
  }
  const bool found = single.find(text) != std::string::npos;
  if (!found) MESSAGE(said);
  return found;
}

constexpr std::string_view kFine = "No change needed in this network namespace.\n";

// The ports of 10.9.0.1 are bind()'s.
std::string shared(int percent) {
  return fmt::format(
      "{} ports-low  10.9.0.1, all destinations together\n"
      "    {} % of the local ports are taken, for all destinations together\n",
      percent < 98 ? "~ warning " : "! error   ", percent);
}

// Those to one destination are connect()'s.
std::string to_one(int percent) {
  return fmt::format(
      "~ warning  ports-low  10.9.0.1 to 10.9.0.11:9000\n"
      "    {} % of the local ports are taken for one destination\n",
      percent);
}

constexpr std::string_view kOut =
    "! error    ports-low  10.9.0.1, all destinations together\n"
    "    out of local ports: connect() fails now, and so does bind() to port 0\n";

// Counters that have grown between the two readings.
test::Furnish with_counters(const Counters& grown, const test::Furnish& furnish) {
  return [=](test::MemoryHost& host) {
    furnish(host);
    Counters later = host.connections.counted;
    for (const auto& [name, count] : grown) {
      host.connections.counted.emplace(name, 0);
      later[name] += count;
    }
    host.connections.counted_later = {later};
  };
}

void listening(test::MemoryHost& host) {
  test::stock_host(host);
  host.connections.listen_on(9000);
  host.connections.table.back().send_queue = 8;
}

void without_cookies(test::MemoryHost& host) {
  listening(host);
  host.store.set("net.ipv4.tcp_syncookies", "0");
  host.store.set("net.ipv4.tcp_max_syn_backlog", "512");
}

}  // namespace

TEST_CASE(
    "ports of connections that are closed here and wait for their peer are told from open ones: tcp_fin_timeout "
    "helps") {
  const auto closed_here = [](test::MemoryHost& host) {
    connected(1, 100, TcpState::fin_wait_2)(host);
    for (Socket& socket : host.connections.table) socket.inode = 0;
  };
  CHECK(says(closed_here, "100 open (100 of them closed here), 0 in TIME_WAIT"));
  CHECK(says(closed_here, "a lower tcp_fin_timeout, of 10 s say, frees them sooner"));
  CHECK_FALSE(says(closed_here, "Open connections hold most of them"));
}

TEST_CASE("PAWS: the counters that rose are named, and no others") {
  const auto rejected = with_counters({{"TcpExt.PAWSTimewait", 20}}, listening);
  CHECK(says(rejected, "20 segments were rejected by PAWS in 1.0 s: PAWSTimewait +20."));
}

TEST_CASE("D1: ports that bind() takes are one range for all destinations, found at any fill") {
  for (const TcpState state : {TcpState::established, TcpState::time_wait}) {
    CHECK(titles(bound({.count = 49, .state = state})) == kFine);
    for (const int count : {50, 55, 75, 97, 98, 99}) {
      CAPTURE(count);
      CHECK(titles(bound({.count = count, .state = state})) == shared(count));
    }
    CHECK(titles(bound({.count = 100, .state = state})) == kOut);
    CHECK(run_cli({"doctor"}, bound({.count = 100, .state = state})).status == 2);
  }
}

TEST_CASE("D1: whatever the parity of the range and whatever is reserved in it") {
  const Ports odd{.first = 40000, .last = 40098};
  CHECK(titles(bound({.count = 99, .ports = odd})) == kOut);
  CHECK(titles(bound({.count = 60, .ports = odd})) == shared(60));
  CHECK(titles(bound({.count = 97, .ports = odd})) == shared(97));
  CHECK(titles(bound({.count = 98, .ports = odd})) ==  // bind() searches an even number of ports
        "! error    ports-low  10.9.0.1, all destinations together\n"
        "    out of local ports: bind() before connect() fails now\n");
  CHECK(titles(bound({.count = 100, .ports = {.first = 40001, .last = 40100}})) == kOut);
  CHECK(titles(bound({.count = 99, .reserved = 40010})) == kOut);
  CHECK(titles(bound({.count = 99, .reserved = 40011})) == kOut);
}

TEST_CASE("D1: with one destination the half that bind() takes first tells, until that one is used up too") {
  CHECK(titles(bound({.count = 60, .destinations = 1})) == shared(60));
  CHECK(says(bound({.count = 60, .destinations = 1}),
             "50 are of the half that connect() takes last, and the first half is not used up. So the program calls "
             "bind() before connect()"));
  CHECK(titles(bound({.destinations = 1})) ==
        "! error    ports-low  10.9.0.1 to 10.9.0.11:9000\n"
        "    out of local ports: connect() fails now to this destination\n");
}

TEST_CASE("D1: connect() by itself is not taken for bind(), though many destinations use most of the range") {
  CHECK(titles(connected(4, 40)) == kFine);
  CHECK(titles(connected(4, 49)) == kFine);
  CHECK(titles(connected(1, 60)) == to_one(60));
  CHECK(titles(connected(1, 60, TcpState::time_wait, "1")) == kFine);
}

TEST_CASE("D8: ports that open connections hold are not counted among those that new ones have") {
  const test::Furnish open = connected(1, 98, TcpState::established, "1");
  CHECK(says(
      open, "2 ports (40099 - 40000 + 1 - 0 reserved - 98 open) / 1000 ms reuse delay = 2 new connections/s at most."));
  CHECK(says(open, "ports 98 of 100 taken, 10.9.0.1 to 10.9.0.11:9000; enough for 2 new connections/s"));
  CHECK(says(connected(1, 100), "0 ports (40099 - 40000 + 1 - 0 reserved - 100 open) / 60 s of TIME_WAIT = 0 new"));
  const test::Furnish many = [](test::MemoryHost& host) {
    host_with(host, {.first = 32768, .last = 60999}, "0");
    for (int i = 0; i < 1000; ++i) connect(host, TcpState::time_wait, 40000 + i, server(1));
    for (int i = 0; i < 4232; ++i) connect(host, TcpState::established, 42000 + i, server(1));
  };
  CHECK(says(
      many,
      "For the busiest destination 5232 of 28232 ports are taken; those that no open connection holds are enough for "
      "400 new connections/s."));
}

TEST_CASE("D9: where open connections hold the ports the advice is to have fewer of them, not to keep them") {
  constexpr std::string_view kFewer = "what to do Open connections hold most of them: have fewer (a bound on the pool,";
  constexpr std::string_view kKeep = "what to do Keep connections open (a pool, keep-alive).";
  CHECK(titles(connected(1, 97)) == to_one(97));
  CHECK(says(connected(1, 97), kFewer));
  CHECK(says(connected(1, 100), kFewer));
  CHECK(run_cli({"doctor"}, connected(1, 100)).results.find("IP_BIND_ADDRESS_NO_PORT") == std::string::npos);
  CHECK(says(connected(1, 97, TcpState::time_wait), kKeep));
  const auto mixed = [](int open) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      connected(1, 60, TcpState::time_wait)(host);
      for (int i = 0; i < open; ++i) host.connections.table[static_cast<std::size_t>(i)].state = TcpState::established;
    };
  };
  CHECK(says(mixed(30), kKeep));
  CHECK(says(mixed(31), kFewer));
  CHECK(says(mixed(31), "Else let connect() use ports in TIME_WAIT again, by the command below; it helps only"));
}

TEST_CASE("D1: a first half that was used up and comes free again is no sign of bind()") {
  const test::Furnish ebbing = [](test::MemoryHost& host) {
    host_with(host, {}, "0");
    for (int i = 0; i < 50; ++i) {
      if (i < 15) connect(host, TcpState::time_wait, 40000 + 2 * i, server(1), 59000);
      connect(host, TcpState::time_wait, 40001 + 2 * i, server(1), 40000);
    }
  };
  CHECK(titles(ebbing) == to_one(65));
}

TEST_CASE("D2: what reuse frees is of no use to bind(): the range is used up, and reuse is not offered") {
  const test::Furnish used_up = bound({.destinations = 1, .state = TcpState::time_wait, .reuse = "1"});
  CHECK(run_cli({"doctor"}, used_up).status == 2);
  CHECK(says(used_up, "no local port is left for one destination, unless reuse works"));
  CHECK(says(used_up, "100 of 100 ports are in use or in TIME_WAIT, by connections to 1 destination."));
  CHECK(says(used_up, "Where bind() fails: IP_BIND_ADDRESS_NO_PORT before it (Linux 4.2), or do not bind."));
  CHECK(says(used_up, "ports 100 of 100 taken for bind(), 10.9.0.1, all destinations together"));
  CHECK(run_cli({"doctor"}, used_up).results.find("twctl apply") == std::string::npos);
  const test::Furnish seen = bound({.count = 60, .destinations = 1, .state = TcpState::time_wait, .reuse = "1"});
  CHECK(titles(seen) == shared(60));
  CHECK(says(seen, "tcp_tw_reuse does not help: it serves connect() only."));
  CHECK(run_cli({"doctor"}, seen).results.find("twctl apply") == std::string::npos);
}

namespace {

// All ports to one destination in TIME_WAIT, some of them for a second or less; reuse on.
test::Furnish all_waiting(const IpAddress& peer, int young = 0) {
  return [=](test::MemoryHost& host) {
    host_with(host, {}, "1");
    for (int port = 40000; port < 40100; ++port) {
      connect(host, TcpState::time_wait, port, peer, port < 40000 + young ? 500 : 20000);
    }
  };
}

test::Furnish reused_before(const test::Furnish& furnish) {
  return [=](test::MemoryHost& host) {
    furnish(host);
    host.connections.counted["TcpExt.TWRecycled"] = 7;  // before this second
  };
}

}  // namespace

TEST_CASE("D2: where connect() takes ports out of TIME_WAIT nothing is short, though all are in TIME_WAIT") {
  const test::Furnish at_work = with_counters({{"TcpExt.TWRecycled", 1}}, all_waiting(server(1), 1));
  CHECK(titles(at_work) == kFine);
  CHECK(says(at_work,
             "ports 1 of 100 taken besides 99 in TIME_WAIT that connect() may use again, 10.9.0.1 to 10.9.0.11:9000"));
  CHECK(says(at_work,
             "looked at: tcp_max_tw_buckets, accept queues. Nearly all local ports are taken, 10.9.0.1 to "
             "10.9.0.11:9000: those in TIME_WAIT can be used again by connect() that has chosen them, and bind() to "
             "port 0 finds none."));
  const test::Furnish here = reused_before(all_waiting(ipv4_address(10, 9, 0, 1)));  // timestamps are its own
  CHECK(titles(here) == kFine);
  CHECK(says(here, "info ports-low 10.9.0.1, all destinations together 100 of 100 ports"));
}

TEST_CASE("D2: at another address of this host itself nothing is left to the peer: reuse does not help bind()") {
  const test::Furnish here = [](test::MemoryHost& host) {
    bound({.destinations = 1, .state = TcpState::time_wait, .reuse = "1"})(host);
    host.connections.addresses = {ipv4_address(10, 9, 0, 1), server(1)};
  };
  CHECK(titles(here) ==
        "~ warning  ports-low  10.9.0.1, all destinations together\n"
        "    no local port is left for bind() before connect()\n");
  CHECK(says(here,
             "If the program calls bind() first, reuse does not help it: set IP_BIND_ADDRESS_NO_PORT before bind() "
             "(Linux 4.2), or do not bind."));
  CHECK_FALSE(run_cli({"doctor"}, here).results.find("at the peer") != std::string::npos);
  const std::string saved = run_cli({"snapshot", "--sockets"}, here).results;
  CHECK(test::against_schema(saved, "snapshot") == "");
  CHECK(titles(here) == run_cli({"doctor", "-q", "--from", "s.json"}, [&](test::MemoryHost& host) {
                          host.disk.files["s.json"] = saved;
                        }).results);
}

TEST_CASE("that ports were used again for some destination does not tell that another's peer has timestamps on") {
  constexpr std::string_view kDoubtful =
      "~ warning  ports-low  10.9.0.1 to 10.9.0.11:9000\n"
      "    no local port is left for one destination, unless reuse works\n";
  CHECK(titles(all_waiting(server(1))) == kDoubtful);
  CHECK(titles(reused_before(all_waiting(server(1)))) == kDoubtful);
  const test::Furnish elsewhere = with_counters({{"TcpExt.TWRecycled", 30}}, all_waiting(server(1)));
  CHECK(titles(elsewhere) == kDoubtful);
  CHECK(says(elsewhere,
             "and only if timestamps are on at both ends. Whether 10.9.0.11 has them on cannot be seen from here; "
             "nothing shows that a port was used again (TWRecycled rose by 30 in 1.0 s). Without them connect() fails: "
             "EADDRNOTAVAIL."));
  CHECK(says(elsewhere, "set net.ipv4.tcp_timestamps to 1 there"));
  CHECK_FALSE(says(elsewhere, "local ports,"));
}

TEST_CASE("tcp_tw_reuse 2 goes by the addresses: another one of this host is no loopback address to it") {
  const test::Furnish here = [](test::MemoryHost& host) {
    connected(1, 60, TcpState::time_wait)(host);
    host.store.set("net.ipv4.tcp_tw_reuse", "2");
    host.connections.addresses = {ipv4_address(10, 9, 0, 1), server(1)};
  };
  CHECK(says(here,
             "tcp_tw_reuse is 2: it helps with loopback addresses only (127/8, ::1), and neither of these is one."));
}

TEST_CASE("where tcp_tw_reuse is advised for another host, its condition is named") {
  CHECK(
      says(connected(1, 60, TcpState::time_wait), "by the command below; it helps only if the peer has timestamps on"));
}

TEST_CASE("with reuse at work the connections that ended a second are those too young to be used again") {
  CHECK(says(with_counters({{"TcpExt.TWRecycled", 90}}, all_waiting(server(1), 90)),
             "90 of 100 ports are taken (90 %): 0 open, 100 in TIME_WAIT, 90 of them too young to be used again. 10 "
             "are left; 90 connections/s ended here lately."));
  CHECK(says(with_counters({{"TcpExt.TWRecycled", 90}}, all_waiting(server(1), 90)),
             "can be used again by connect(), if the peer has timestamps on too."));
}

TEST_CASE("which half of a handful of ports is taken does not tell who has chosen them") {
  const auto taken = [](Ports ports, std::vector<int> which) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      host_with(host, ports, "0");
      for (const int port : which) connect(host, TcpState::time_wait, port, server(1));
    };
  };
  CHECK(titles(taken({.first = 40000, .last = 40002}, {40001, 40002})) == to_one(66));
  CHECK(titles(taken({.first = 40000, .last = 40004}, {40001, 40002, 40003, 40004})) == to_one(80));
}

TEST_CASE("a host that opens so many connections that it needs both halves is not told of bind()") {
  const test::Furnish busy = [](test::MemoryHost& host) {
    host_with(host, {}, "1");
    for (int i = 0; i < 100; ++i) connect(host, TcpState::time_wait, 40000 + i, server(1), i < 40 ? 500 : 5000);
    for (int i = 0; i < 30; ++i) connect(host, TcpState::established, 40000 + i, server(2));
  };
  CHECK(titles(busy) == kFine);
}

TEST_CASE("doctor prints the one command that changes what helps, with its undo") {
  const test::Furnish short_of_ports = connected(1, 100, TcpState::time_wait);
  CHECK(run_cli({"doctor"}, short_of_ports)
            .results.find("\nout of local ports: connect() fails now to this destination\n\n"
                          "! error    ports-low  10.9.0.1 to 10.9.0.11:9000\n") != std::string::npos);
  CHECK(run_cli({"doctor"}, short_of_ports)
            .results.find("\nWhat helps at once; it goes back by itself after 10 minutes:\n"
                          "  twctl apply --set net.ipv4.tcp_tw_reuse=1 --scope live --confirm-within 10m\n"
                          "  twctl confirm    keeps it until the next boot\n"
                          "  twctl rollback   undoes it\n"
                          "Then, for the next boots too:\n"
                          "  twctl apply --set net.ipv4.tcp_tw_reuse=1\n"
                          "Measured first, without changing anything:\n"
                          "  twctl trial --set net.ipv4.tcp_tw_reuse=1\n") != std::string::npos);
  const auto json = nlohmann::json::parse(run_cli({"doctor", "--json"}, short_of_ports).results);
  CHECK(json["headline"] == "out of local ports: connect() fails now to this destination");
  CHECK(json["remedy"]["settings"] == nlohmann::json{{"net.ipv4.tcp_tw_reuse", "1"}});
  CHECK(json["remedy"]["apply"] == "twctl apply --set net.ipv4.tcp_tw_reuse=1 --scope live --confirm-within 10m");
  CHECK(json["remedy"]["undo"] == "twctl rollback");
  CHECK(json["remedy"]["trial"] == "twctl trial --set net.ipv4.tcp_tw_reuse=1");
}

TEST_CASE("the command is for the network namespace that was looked at, and can be pasted whatever its name") {
  const auto apply_in = [](const char* netns) {
    const test::Furnish furnish = [=](test::MemoryHost& host) {
      connected(1, 100, TcpState::time_wait)(host);
      host.facts.netns = netns;
    };
    const auto json = nlohmann::json::parse(run_cli({"doctor", "--json", "--netns", netns}, furnish).results);
    return json["remedy"]["undo"].get<std::string>();
  };
  CHECK(apply_in("/proc/812/ns/net") == "twctl rollback --netns /proc/812/ns/net");
  CHECK(apply_in("it's") == "twctl rollback --netns 'it'\\''s'");
}

TEST_CASE(
    "a change of a network namespace's value is kept as long as that lives, which may end before the host's boot") {
  const test::Furnish inside = [](test::MemoryHost& host) {
    connected(1, 100, TcpState::time_wait)(host);
    host.facts.netns = "/proc/812/ns/net";
  };
  CHECK(run_cli({"doctor", "--netns", "/proc/812/ns/net"}, inside)
            .results.find("\n  twctl confirm --netns /proc/812/ns/net    keeps it as long as the network namespace "
                          "lives\n") != std::string::npos);
}

TEST_CASE("after the ten minutes' change comes the one for good, where the boot files are this host's") {
  const auto lasting = [](const test::Furnish& change) {
    const test::Furnish furnish = [&](test::MemoryHost& host) {
      connected(1, 100, TcpState::time_wait)(host);
      change(host);
    };
    return nlohmann::json::parse(run_cli({"doctor", "--json"}, furnish).results)["remedy"]["lasting"];
  };
  CHECK(lasting([](test::MemoryHost&) {}) == "twctl apply --set net.ipv4.tcp_tw_reuse=1");
  CHECK(lasting([](test::MemoryHost& host) { host.facts.netns = "blue"; }).is_null());
  CHECK(lasting([](test::MemoryHost& host) { host.facts.container = "docker"; }).is_null());
  CHECK(lasting([](test::MemoryHost& host) { host.facts.initial_network_namespace = false; }).is_null());
  CHECK(run_cli({"doctor"}, connected(1, 100, TcpState::time_wait))
            .results.find("\nThen, for the next boots too:\n  twctl apply --set net.ipv4.tcp_tw_reuse=1\n") !=
        std::string::npos);
}

TEST_CASE("where settings are read-only no command is printed, but what a container's maker has to set") {
  const test::Furnish read_only = [](test::MemoryHost& host) {
    connected(1, 100, TcpState::time_wait)(host);
    for (auto& [key, value] : host.store.live) value.read_only = true;
  };
  CHECK(says(read_only,
             "What would help: net.ipv4.tcp_tw_reuse = 1. The settings are read-only here, as in a container: change "
             "them where it is started (docker run --sysctl net.ipv4.tcp_tw_reuse=1), or on its host with `--netns "
             "PID`."));
  CHECK(run_cli({"doctor"}, read_only).results.find("twctl apply") == std::string::npos);
  const test::Ran json = run_cli({"doctor", "--json"}, read_only);
  CHECK(test::against_schema(json.results, "doctor") == "");
  CHECK(nlohmann::json::parse(json.results)["remedy"]["obstacle"].is_string());
}

TEST_CASE("where a timer would end with the container the command has none, and doctor says why") {
  const auto in_container = [](const char* init) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      connected(1, 100, TcpState::time_wait)(host);
      host.time.around.mortal_init = init;
    };
  };
  CHECK(says(in_container("sh"),
             "What helps at once: twctl apply --set net.ipv4.tcp_tw_reuse=1 --scope live twctl rollback undoes it It "
             "does not go back by itself: process 1 here (sh) is no init, and a timer would end with it."));
  CHECK(says(in_container(""), "process 1 here cannot be seen or is no init"));
  const test::Ran json = run_cli({"doctor", "--json"}, in_container("sh"));
  CHECK(test::against_schema(json.results, "doctor") == "");
  CHECK(nlohmann::json::parse(json.results)["remedy"]["keep"].is_null());
  const std::string snapshot = run_cli({"snapshot", "--sockets"}, in_container("sh")).results;
  CHECK(test::against_schema(snapshot, "snapshot") == "");
  const test::Furnish saved = [&](test::MemoryHost& host) { host.disk.files["s.json"] = snapshot; };
  CHECK(run_cli({"doctor", "--json", "--from", "s.json"}, saved).results == json.results);
}

TEST_CASE("no command is printed where no setting helps") {
  const test::Furnish open = connected(1, 100);  // nothing in TIME_WAIT
  CHECK(nlohmann::json::parse(run_cli({"doctor", "--json"}, open).results)["remedy"].is_null());
  CHECK(run_cli({"doctor"}, open).results.find("twctl apply") == std::string::npos);
}

TEST_CASE("where timestamps are off the command turns them on too: reuse needs them") {
  const test::Furnish furnish = [](test::MemoryHost& host) {
    connected(1, 100, TcpState::time_wait)(host);
    host.store.set("net.ipv4.tcp_timestamps", "0");
  };
  const auto json = nlohmann::json::parse(run_cli({"doctor", "--json"}, furnish).results);
  CHECK(json["remedy"]["settings"] == nlohmann::json{{"net.ipv4.tcp_timestamps", "1"}, {"net.ipv4.tcp_tw_reuse", "1"}});
  const test::Furnish recycling = [&](test::MemoryHost& host) {
    furnish(host);
    host.store.set("net.ipv4.tcp_tw_recycle", "1");
  };
  CHECK(run_cli({"doctor"}, recycling)
            .results.find(
                "--set net.ipv4.tcp_tw_recycle=0 --set net.ipv4.tcp_timestamps=1 --set net.ipv4.tcp_tw_reuse=1") !=
        std::string::npos);
}

TEST_CASE("D3: a full queue of half-open connections is not a full accept queue, and cookies are off") {
  const test::Furnish flood =
      with_counters({{"TcpExt.ListenDrops", 51}, {"TcpExt.TCPReqQFullDrop", 51}}, without_cookies);
  CHECK(titles(flood) == "~ warning  syn-queue-full\n");
  CHECK(says(flood,
             "TCPReqQFullDrop rose by 51 in 1.0 s: so many SYNs found the queue of half-open connections full. "
             "tcp_syncookies is 0."));
  CHECK(says(flood, "twctl apply --set net.ipv4.tcp_syncookies=1 --scope live --confirm-within 10m"));
  CHECK(run_cli({"doctor"}, flood).results.find("does not accept()") == std::string::npos);
  CHECK(run_cli({"doctor"}, flood).results.find("Leave tcp_syncookies at 1") == std::string::npos);
}

TEST_CASE("D3: ListenDrops for want of a route are said to be that, and the rest is not called an accept queue") {
  const test::Furnish no_route = with_counters({{"TcpExt.ListenDrops", 60}, {"Ip.OutNoRoutes", 60}}, listening);
  CHECK(titles(no_route) == "~ warning  syn-dropped\n");
  CHECK(says(no_route, "60 for another reason. OutNoRoutes rose by 60: there is no route back to the client."));
  CHECK(says(with_counters({{"TcpExt.ListenDrops", 60}}, without_cookies),
             "tcp_syncookies is 0: the last quarter of tcp_max_syn_backlog (512) is kept for clients that the host "
             "knows."));
  CHECK(titles(with_counters({{"TcpExt.ListenDrops", 5}}, listening)) == kFine);
  CHECK(titles(with_counters({{"TcpExt.ListenDrops", 5}, {"TcpExt.ListenOverflows", 5}}, listening)) ==
        "~ warning  listen-overflow\n");
}

TEST_CASE("doctor's numbers of sockets add up, and states says where to go on from many") {
  const auto with = [](TcpState state, int count) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      host_with(host, {}, "2");
      for (int i = 0; i < count; ++i) connect(host, state, 40000 + i, server(1));
    };
  };
  CHECK(says(with(TcpState::fin_wait_2, 3),
             "sockets 3: 0 ESTABLISHED, 0 TIME_WAIT, 0 CLOSE_WAIT, 0 SYN_SENT, 0 "
             "SYN_RECV, 3 FIN_WAIT_2"));
  const std::string note = "note: CLOSE_WAIT: `twctl doctor` says whether it does harm, `twctl explain CLOSE_WAIT`";
  CHECK(run_cli({"states"}, with(TcpState::close_wait, 10)).results.find(note) != std::string::npos);
  CHECK(run_cli({"states"}, with(TcpState::close_wait, 9)).results.find("note:") == std::string::npos);
  CHECK(run_cli({"states", "-q"}, with(TcpState::close_wait, 10)).results.find("note:") == std::string::npos);
}

TEST_CASE("a full accept queue that has dropped nothing is called that, and only what lengthens it is named") {
  const auto full_queue = [](std::uint32_t backlog, const char* somaxconn) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      test::stock_host(host);
      host.store.set("net.core.somaxconn", somaxconn);
      host.connections.listen_on(9100);
      host.connections.table.back().receive_queue = backlog + 1;
      host.connections.table.back().send_queue = backlog;
    };
  };
  CHECK(titles(full_queue(2, "4096")) ==
        "~ warning  listen-overflow  [::]:9100\n    an accept queue is full (3 of 2); nothing dropped yet\n");
  CHECK(says(full_queue(2, "4096"),
             "raise the backlog that the program gives to listen(), and restart it: net.core.somaxconn allows more "
             "already."));
  CHECK_FALSE(says(full_queue(2, "4096"), "setting net.core.somaxconn"));
  CHECK(says(full_queue(4096, "4096"), "raise the program's backlog and net.core.somaxconn"));
  CHECK(says(full_queue(4096, "4096"), "setting net.core.somaxconn"));
  CHECK(run_cli({"doctor"}, full_queue(2, "4096")).results.find("connections are dropped") == std::string::npos);
}

namespace {

struct Queue {
  std::uint32_t waited = 0;
  std::uint32_t waiting = 0;
  std::uint32_t backlog = 4096;
  std::int64_t came = 0;  // connections to any listener
};

test::Furnish queue(const Queue& wish) {
  return with_counters({{"Tcp.PassiveOpens", wish.came}}, [wish](test::MemoryHost& host) {
    test::stock_host(host);
    host.connections.listen_on(9100);
    Socket& listener = host.connections.table.back();
    listener.receive_queue = wish.waiting;
    listener.send_queue = wish.backlog;
    host.connections.table_later = host.connections.table;
    listener.receive_queue = wish.waited;
  });
}

std::string stalled(std::string_view headline) {
  return fmt::format("~ warning  accept-stalled  [::]:9100\n    {}\n", headline);
}

}  // namespace

TEST_CASE("a queue that nobody empties is found before it overflows, and the more wait the graver it is") {
  const std::string nobody = stalled("nobody accepts: 100 connections wait, and none was taken in 1.0 s");
  CHECK(titles(queue({.waited = 100, .waiting = 100, .backlog = 100})) == nobody);
  CHECK(titles(queue({.waited = 100, .waiting = 100})) == nobody);
  CHECK(titles(queue({.waited = 850, .waiting = 900, .came = 50})) ==
        stalled("nobody accepts: 900 connections wait, and none was taken in 1.0 s"));
  CHECK(says(queue({.waited = 850, .waiting = 900, .came = 50}),
             "[::]:9100: 900 of 4096 wait for accept(), 0 half-open, 0 dropped in its life. 850 waited at the first of "
             "them 1.0 s before; 50 connections came in meanwhile, at all."));
  CHECK(says(queue({.waited = 100, .waiting = 100, .backlog = 0}), "[::]:9100: 100 of 0 wait for accept(), "));
  CHECK(titles(queue({.waited = 99, .waiting = 99})) == kFine);
  CHECK(says(queue({.waited = 99, .waiting = 99}), "info accept-stalled [::]:9100"));
  CHECK_FALSE(says(queue({.waited = 99, .waiting = 99}), "accept queues"));
  CHECK_FALSE(says(queue({.waited = 9, .waiting = 9}), "accept-stalled"));
}

TEST_CASE("the queue of listen(0) is full with the one connection that it takes") {
  CHECK(titles(queue({.waited = 1, .waiting = 1, .backlog = 0}))
            .starts_with(
                "~ warning  listen-overflow  [::]:9100\n    an accept queue is full (1 of 0); nothing dropped yet\n"));
  CHECK(says(queue({.waited = 1, .waiting = 1, .backlog = 0}), "raise the backlog that the program gives to listen()"));
  CHECK(titles(queue({.backlog = 0})).find("9100") == std::string::npos);
}

TEST_CASE("a queue that gets shorter, or of which some may have been accepted, is found only near its limit") {
  CHECK(titles(queue({.waited = 900, .waiting = 899})) == kFine);
  CHECK(titles(queue({.waited = 900, .waiting = 900, .came = 1})) == kFine);
  CHECK(titles(queue({.waited = 80, .waiting = 90, .backlog = 100, .came = 11})) ==
        stalled("an accept queue is nearly full (90 of 100), and does not get shorter"));
  CHECK(titles(queue({.waited = 79, .waiting = 90, .backlog = 100, .came = 12})) == kFine);
  CHECK(titles(queue({.waited = 0, .waiting = 100, .backlog = 100, .came = 100})) ==
        stalled("an accept queue is nearly full (100 of 100)"));
  CHECK(titles(queue({.waited = 1, .waiting = 1, .backlog = 1})) == kFine);  // `nc -l` with somebody else at it
}

TEST_CASE("D3: half-open connections pile up, and no advice speaks of cookies that are off as if they were on") {
  const test::Furnish half_open = [](test::MemoryHost& host) {
    without_cookies(host);
    for (std::uint16_t i = 0; i < 9; ++i) {
      Socket& socket = host.connections.table.emplace_back();
      socket.state = TcpState::syn_recv;
      socket.local_port = 9000;
      socket.remote_port = static_cast<std::uint16_t>(5000 + i);
    }
  };
  CHECK(says(half_open, "tcp_syncookies is 0: set it to 1, and a full queue answers all the same."));
  CHECK(run_cli({"doctor"}, half_open).results.find("Leave tcp_syncookies at 1") == std::string::npos);
  CHECK(titles(half_open) == "~ warning  syn-recv-pile-up  [::]:9000\n");
  const test::Furnish dropping =
      with_counters({{"TcpExt.ListenDrops", 51}, {"TcpExt.TCPReqQFullDrop", 51}}, [=](test::MemoryHost& host) {
        half_open(host);
        host.connections.table.front().drops = 51;
      });
  CHECK(titles(dropping) == "~ warning  syn-queue-full\n");  // one cause, one finding
  CHECK(says(dropping, "[::]:9000: 0 of 8 wait for accept(), 9 half-open, 51 dropped in its life."));
}

namespace {

// A listener here, its accept queue full or not, with connections that wait for it.
test::Furnish waited_for(std::uint32_t waiting, TcpState state, const IpAddress& from) {
  return [=](test::MemoryHost& host) {
    listening(host);
    host.connections.table.back().receive_queue = waiting;
    for (int i = 0; i < 12; ++i) {
      connect(host, state, 40000 + i, ipv4_address(10, 9, 0, 1));
      Socket& socket = host.connections.table.back();
      socket.local = from;
      socket.retransmits = 1;
      if (state == TcpState::syn_recv) std::swap(socket.local_port, socket.remote_port);
    }
  };
}

constexpr std::string_view kStalled =
    "~ warning  accept-stalled  [::]:9000\n    nobody accepts: 8 connections wait, and none was taken in 1.0 s\n";

constexpr std::string_view kFullQueue =
    "~ warning  listen-overflow  [::]:9000\n    an accept queue is full (9 of 8); nothing dropped yet\n";

}  // namespace

TEST_CASE("D11: who waits at a full accept queue of this host itself is told with it, and is no finding of its own") {
  const IpAddress here = ipv4_address(10, 9, 0, 1);
  CHECK(titles(waited_for(9, TcpState::syn_sent, here)) == kFullQueue);
  CHECK(says(waited_for(9, TcpState::syn_sent, here),
             "12 connections that this host itself asks for on port 9000 wait in SYN_SENT."));
  CHECK(titles(waited_for(8, TcpState::syn_sent, here)) ==
        std::string(kStalled) + "~ warning  syn-sent-unanswered  10.9.0.1:9000\n");
  CHECK(titles(waited_for(9, TcpState::syn_sent, server(2))) ==
        std::string(kFullQueue) + "~ warning  syn-sent-unanswered  10.9.0.1:9000\n");  // not this host's address
  CHECK(titles(waited_for(9, TcpState::syn_recv, here)) == kFullQueue);
  CHECK(says(waited_for(9, TcpState::syn_recv, here), "9 of 8 wait for accept(), 12 half-open,"));
  CHECK(says(waited_for(9, TcpState::syn_recv, here), "A queue holds one more than its backlog."));
  CHECK(titles(waited_for(8, TcpState::syn_recv, here)) ==
        std::string(kStalled) + "~ warning  syn-recv-pile-up  [::]:9000\n");
}

TEST_CASE("what a finding means is said once, however often it is found") {
  const std::string said = run_cli({"doctor"}, connected(2, 60)).results;
  CHECK(said.find("ports-low  10.9.0.1 to 10.9.0.11:9000") != std::string::npos);
  CHECK(said.find("ports-low  10.9.0.1 to 10.9.0.12:9000") != std::string::npos);
  constexpr std::string_view kMeans = "what it means  A connection needs a local port";
  CHECK(said.find(kMeans) != std::string::npos);
  CHECK(said.find(kMeans) == said.rfind(kMeans));
}

TEST_CASE("D4: TCP memory is held against tcp_mem, which is the whole host's") {
  const auto with_pages = [](std::int64_t pages, const char* limits = "21180 28240 42360") -> test::Furnish {
    return [=](test::MemoryHost& host) {
      test::stock_host(host);
      if (limits[0] != '\0') host.store.set("net.ipv4.tcp_mem", limits);
      host.connections.counted["sockstat.TCP.mem"] = pages;
    };
  };
  CHECK(titles(with_pages(42400)) ==
        "! error    tcp-memory\n    out of TCP memory: data is dropped and connections are reset now\n");
  CHECK(says(with_pages(42400), "TCP holds 42400 pages of memory; it saves from 28240 on, and 42360 are the most."));
  CHECK(titles(with_pages(28240)) == "~ warning  tcp-memory\n");
  CHECK(titles(with_pages(28239)) == kFine);
  CHECK(titles(with_pages(42400, "")) == kFine);
  const test::Furnish unseen = with_counters({{"TcpExt.TCPAbortOnMemory", 3}}, with_pages(42400, ""));
  CHECK(titles(unseen) == "~ warning  tcp-memory\n");
  CHECK(says(unseen,
             "the limits (tcp_mem) do not show in this network namespace. TCPAbortOnMemory rose by 3 in 1.0 s. "
             "Too many orphans are counted there too."));
}

TEST_CASE("D5: orphans are reset from a quarter of the limit on, because the kernel counts doubtful peers four times") {
  const auto with_orphans = [](std::int64_t orphans, std::int64_t aborts) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      test::stock_host(host);
      host.store.set("net.ipv4.tcp_max_orphans", "1000");
      host.connections.counted["sockstat.TCP.orphan"] = orphans;
      host.connections.counted["TcpExt.TCPAbortOnMemory"] = aborts;
    };
  };
  const test::Ran once = run_cli({"doctor", "--interval", "0"}, with_orphans(400, 48210));
  CHECK(once.status == 2);
  CHECK(once.results.find("~ warning  orphans-near-limit\n") != std::string::npos);
  CHECK(once.results.find("\nmany orphans, and connections have been reset for want of memory\n") != std::string::npos);
  const test::Furnish now =
      with_counters({{"TcpExt.TCPAbortOnMemory", 12}, {"TcpExt.TCPAbortFailed", 2}}, with_orphans(260, 48210));
  CHECK(says(now,
             "260 orphans on this host, of at most 1000 (26 %). TCPAbortOnMemory rose by 12 in 1.0 s, "
             "TCPAbortFailed by 2. An orphan counts twice if its peer has been silent for long, twice after an ICMP "
             "error, four times after both: resets begin at a quarter of the limit."));
  CHECK(run_cli({"doctor"}, now).status == 2);
  CHECK(says(now, "too many orphans: connections are reset before their data is sent"));
  CHECK(run_cli({"doctor"}, with_orphans(400, 48210)).status == 0);  // none now
  CHECK(titles(with_orphans(400, 0)) == kFine);
  CHECK(titles(with_orphans(240, 48210)) == kFine);
}

TEST_CASE("on loopback tcp_tw_reuse 2 is advised where there is one: before Linux 4.19 it was as 1") {
  const auto on = [](const char* kernel) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      host_with(host, {}, "0");
      host.facts.kernel_release = kernel;
      host.facts.kernel = *parse_kernel_version(kernel);
      for (int i = 0; i < 60; ++i) connect(host, TcpState::time_wait, 40000 + i, ipv4_address(127, 0, 0, 1));
    };
  };
  CHECK(says(on("6.1.0"), "twctl apply --set net.ipv4.tcp_tw_reuse=2 "));
  CHECK(says(on("4.18.0"), "twctl apply --set net.ipv4.tcp_tw_reuse=1 "));
}

TEST_CASE("D10: TIME_WAIT of a server that has stopped is of connections that were accepted here") {
  const auto left = [](int count) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      host_with(host, {.first = 32768, .last = 60999}, "0");
      for (int i = 0; i < count; ++i) {
        connect(host, TcpState::time_wait, 8081, server(i % 100));
        host.connections.table.back().remote_port = static_cast<std::uint16_t>(40000 + i);
      }
    };
  };
  CHECK(says(left(60), "TIME_WAIT 60 of connections accepted here, 0 of connections opened here; limit 131072"));
  const auto without_limit = [&](test::MemoryHost& host) {
    left(60)(host);
    host.store.set("net.ipv4.tcp_max_tw_buckets", "-1");
  };
  CHECK(says(without_limit, "limit -1, which is none since Linux 5.19"));
  const auto limited_on = [&](const char* kernel, const char* limit) {
    return [=](test::MemoryHost& host) {
      without_limit(host);
      host.store.set("net.ipv4.tcp_max_tw_buckets", limit);
      host.facts.kernel_release = kernel;
      host.facts.kernel = *parse_kernel_version(kernel);
    };
  };
  CHECK(says(limited_on("5.10.0", "-1"), "limit -1: no connection gets a TIME_WAIT"));
  CHECK(says(limited_on("5.10.0", "-1"), "Before Linux 5.19 a negative limit allows none."));
  CHECK(says(limited_on("6.18.0", "0"), "limit 0: no connection gets a TIME_WAIT"));
  CHECK(titles(limited_on("6.18.0", "0")) ==
        "~ warning  time-wait-overflow\n    the limit of TIME_WAIT sockets is reached: "
        "connections end without TIME_WAIT\n");
  CHECK(says(left(60), "ports 28232 for each destination; no connection uses one"));
  const auto in_range = [](int clients, int first_remote, int step) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      host_with(host, {.first = 32768, .last = 60999}, "0");
      for (int i = 0; i < clients; ++i) {
        connect(host, TcpState::time_wait, 40001, server(i % 100));
        host.connections.table.back().remote_port = static_cast<std::uint16_t>(first_remote + step * i);
      }
    };
  };
  CHECK(says(in_range(1500, 42000, 1), "TIME_WAIT 1500 of connections accepted here, 0 of connections opened here"));
  CHECK(says(in_range(1500, 42000, 1), "info time-wait-server 1500 of 1500 TIME_WAIT sockets"));
  CHECK(says(in_range(7, 42000, 1), "TIME_WAIT 0 of connections accepted here, 7 of connections opened here"));
  CHECK(says(in_range(60, 50051, 0), "TIME_WAIT 0 of connections accepted here, 60 of connections opened here"));
  CHECK(says(in_range(60, 5000, 1), "TIME_WAIT 0 of connections accepted here, 60 of connections opened here"));
  CHECK(run_cli({"states", "--by", "port"}, in_range(1500, 42000, 1))
            .results.find("\n  40001 here, no listener       1500 ") != std::string::npos);
  const test::Furnish beside_another = [&](test::MemoryHost& host) {
    left(1000)(host);
    host.connections.listen_on(22);
  };
  CHECK(says(beside_another,
             "info time-wait-server 1000 of 1000 TIME_WAIT sockets are of connections that this host accepted: here "
             "this side closes first."));
}

TEST_CASE("D7: a limit of TIME_WAIT sockets that is only near is not said to be reached") {
  const auto with = [](TcpState state, int count, const char* limit) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      host_with(host, {.first = 32768, .last = 60999}, "0");
      host.store.set("net.ipv4.tcp_max_tw_buckets", limit);
      for (int i = 0; i < count; ++i) connect(host, state, 40000 + i, server(1));
    };
  };
  constexpr std::string_view kNear =
      "~ warning  time-wait-overflow\n"
      "    TIME_WAIT sockets are near their limit: beyond it connections end without TIME_WAIT\n";
  constexpr std::string_view kReached =
      "~ warning  time-wait-overflow\n"
      "    the limit of TIME_WAIT sockets is reached: connections end without TIME_WAIT\n";
  CHECK(titles(with(TcpState::time_wait, 269, "300")) == kFine);
  CHECK(titles(with(TcpState::time_wait, 270, "300")) == kNear);
  CHECK(titles(with(TcpState::fin_wait_2, 299, "300")) == kNear);  // nobody holds them: they count as well
  CHECK(titles(with(TcpState::time_wait, 300, "300")) == kReached);
  const test::Furnish dropping =
      with_counters({{"TcpExt.TCPTimeWaitOverflow", 1}}, with(TcpState::time_wait, 299, "300"));
  CHECK(titles(dropping) == kReached);
  const test::Furnish some_day = [&](test::MemoryHost& host) {
    with(TcpState::time_wait, 299, "300")(host);
    host.connections.counted["TcpExt.TCPTimeWaitOverflow"] = 7;
  };
  CHECK(run_cli({"doctor", "-q", "--interval", "0"}, some_day).results == kNear);
  const auto with_table = [&](const char* entries) -> test::Furnish {
    return [=](test::MemoryHost& host) {
      with(TcpState::time_wait, 300, "300")(host);
      host.disk.files["/proc/sys/net/ipv4/tcp_ehash_entries"] = entries;
    };
  };
  CHECK(says(with_table("262144\n"), "Set tcp_max_tw_buckets back to 131072, the default here, by the command below."));
  CHECK(says(with_table("262144\n"), "twctl apply --set net.ipv4.tcp_max_tw_buckets=131072 --scope live"));
  CHECK(says(with_table("512\n"),
             "not below its default here (256). Have fewer connections end here, or raise it: `twctl plan --set "
             "net.ipv4.tcp_max_tw_buckets=600` allows twice as many, up to 1 MB more."));
}

TEST_CASE("a range that is reserved as a whole leaves connect() nothing, and is an error") {
  const test::Furnish reserved = [](test::MemoryHost& host) {
    host_with(host, {}, "0");
    host.store.set("net.ipv4.ip_local_reserved_ports", "39000-40099");
  };
  CHECK(titles(reserved) == "! error    no-port-to-choose\n");
  CHECK(says(reserved, "ip_local_port_range is 40000 to 40099, and ip_local_reserved_ports has all 100 of them."));
  CHECK(run_cli({"doctor"}, reserved).results.find("could not be read") == std::string::npos);
  const test::Furnish one_left = [&](test::MemoryHost& host) {
    reserved(host);
    host.store.set("net.ipv4.ip_local_reserved_ports", "39000-40098");
  };
  CHECK(titles(one_left) == kFine);
}

TEST_CASE("D6: a server's port inside the range may be taken while the server is stopped: reserve it") {
  const test::Furnish exposed = [](test::MemoryHost& host) {
    host_with(host, {}, "0");
    host.connections.listen_on(40050);
    connect(host, TcpState::established, 40000, server(1));
  };
  CHECK(says(exposed,
             "info server-port-in-range port 40050 Port 40050: in ip_local_port_range (40000 to 40099), and not "
             "reserved. While such a server is stopped, an outgoing connection may take its port; then it "
             "cannot start: EADDRINUSE."));
  CHECK(says(exposed, "`twctl plan --set 'net.ipv4.ip_local_reserved_ports=includes 40050'`"));
  const test::Furnish several = [&](test::MemoryHost& host) {
    exposed(host);
    for (const int port : {40051, 40060, 40070}) host.connections.listen_on(port);
  };
  CHECK(says(several,
             "Ports 40050, 40051, 40060 and 1 more: in ip_local_port_range (40000 to 40099), and not reserved."));
  CHECK(says(several,
             "Reserve them, so that connect() passes over them: `twctl plan --set "
             "'net.ipv4.ip_local_reserved_ports=includes 40050-40051,40060,40070'`."));
  const test::Furnish alone = [&](test::MemoryHost& host) {
    exposed(host);
    host.connections.table.pop_back();  // no connection goes out now
  };
  CHECK(says(alone, "Port 40050: in ip_local_port_range (40000 to 40099), and not reserved."));
  const auto quiet = [&](const auto& change) {
    return run_cli({"doctor"}, [&](test::MemoryHost& host) {
             exposed(host);
             change(host);
           }).results.find("server-port-in-range") == std::string::npos;
  };
  CHECK(quiet([](test::MemoryHost& host) { host.store.set("net.ipv4.ip_local_reserved_ports", "40050"); }));
}

TEST_CASE("D6: a well-known port in use by an outgoing connection is named") {
  const test::Furnish taken = [](test::MemoryHost& host) {
    host_with(host, {.first = 1024, .last = 65535}, "0");
    connect(host, TcpState::time_wait, 8080, server(1));
    connect(host, TcpState::established, 31000, server(1));  // one of many NodePorts is nobody's in particular
  };
  CHECK(says(taken,
             "Port 8080 (HTTP): in use by connections that this host opened. Until they are over, and for 60 s "
             "of TIME_WAIT, no server can start there: EADDRINUSE."));
  CHECK(run_cli({"doctor"}, taken).status == 0);
}

TEST_CASE("doctor names the limits that it has looked at, and those that it could not see") {
  CHECK(says(connected(1, 1),
             "No limit is near that was looked at: local ports, tcp_max_tw_buckets, accept queues. Not "
             "seen from here: tcp_max_orphans, tcp_mem."));
  CHECK(says(
      [](test::MemoryHost& host) {
        connected(1, 1)(host);
        host.store.set("net.ipv4.tcp_max_orphans", "65536");
        host.store.set("net.ipv4.tcp_mem", "21180 28240 42360");
        host.store.set("net.netfilter.nf_conntrack_max", "65536");
        host.connections.counted["conntrack.entries"] = 1;
      },
      "looked at: local ports, tcp_max_tw_buckets, accept queues, tcp_max_orphans, tcp_mem, nf_conntrack_max. "
      "Numbers"));
}

TEST_CASE("doctor, states and audit say how many other network namespaces were not looked at") {
  const auto with_others = [](int count) {
    return [=](test::MemoryHost& host) {
      connected(1, 1)(host);
      host.namespaces = count;
    };
  };
  CHECK(says(with_others(3),
             "note: 3 other network namespaces have processes and were not looked at: `twctl doctor "
             "--all-netns`."));
  CHECK(run_cli({"states"}, with_others(1))
            .results.find(
                "note: 1 other network namespace has processes and was not counted: `twctl states --all-netns`.\n") !=
        std::string::npos);
  CHECK(run_cli({"audit"}, with_others(2))
            .results.find(
                "note: 2 other network namespaces have processes and were not audited: `twctl states --all-netns`. It\n"
                "      names a process of each, and `twctl audit --netns` takes its number.\n") != std::string::npos);
  for (const std::string_view command : {"doctor", "states", "audit"}) {
    const auto json = nlohmann::json::parse(run_cli({command, "--json"}, with_others(3)).results);
    CHECK(json["other_namespaces"] == 3);
    CHECK(run_cli({command}, with_others(0)).results.find("other network namespace") == std::string::npos);
  }
}

namespace {

// Each namespace that --netns enters is a host of its own; `make` furnishes it.
test::Ran run_in_namespaces(const std::vector<std::string_view>& args,
                            const std::function<void(test::MemoryHost&, const std::string& netns)>& make) {
  return test::run_cli_with(args, [&](const HostChoice& choice) -> Result<std::unique_ptr<Platform>> {
    if (choice.netns == "9")
      return fail(ErrorCode::no_input, "cannot enter network namespace /proc/9/ns/net: no such process");
    auto host = std::make_unique<test::MemoryHost>();
    make(*host, choice.netns);
    host->facts.netns = choice.netns;
    host->inhabited = {.all = {{.netns = "", .pid = 1, .process = "systemd", .processes = 120},
                               {.netns = "blue", .pid = 812, .process = "nginx", .processes = 4},
                               {.netns = "9", .pid = 9, .process = "gone", .processes = 1}},
                       .hidden = 2};
    return host;
  });
}

void full_in_blue(test::MemoryHost& host, const std::string& netns) {
  connected(1, netns == "blue" ? 100 : 1, TcpState::time_wait)(host);
}

}  // namespace

TEST_CASE("doctor --all-netns says first which network namespaces are in trouble, and of the others a line each") {
  const test::Ran ran = run_in_namespaces({"doctor", "--all-netns", "-q"}, full_in_blue);
  CHECK(ran.status == 2);
  CHECK(ran.messages == "");
  CHECK(ran.results ==
        "1 of 3 network namespaces need a change: nginx (812). 1 could not be looked into.\n"
        "\n"
        "Network namespace of nginx (812) and 3 more processes (--netns blue)\n"
        "! error    ports-low  10.9.0.1 to 10.9.0.11:9000\n"
        "    out of local ports: connect() fails now to this destination\n"
        "\n"
        "Network namespace of gone (9) (--netns 9)\n"
        "note: cannot enter network namespace /proc/9/ns/net: no such process\n"
        "\n"
        "No change needed (-v says more):\n"
        "  This network namespace: systemd (1) and 119 more processes\n"
        "\n"
        "note: 2 processes could not be looked into, and may be in further network namespaces: only root with\n"
        "      CAP_SYS_PTRACE sees all.\n");
  CHECK(run_in_namespaces({"doctor", "--all-netns", "--exit-zero"}, full_in_blue).status == 0);
  const std::string all = run_in_namespaces({"doctor", "--all-netns", "-v"}, full_in_blue).results;
  CHECK(all.find("\nThis network namespace: systemd (1) and 119 more processes\nDoctor for ") != std::string::npos);
  CHECK(all.find("--netns blue)") < all.find("\nThis network namespace"));
  CHECK(
      run_in_namespaces({"doctor", "--all-netns"}, full_in_blue)
          .results.find("twctl apply --set net.ipv4.tcp_tw_reuse=1 --scope live --confirm-within 10m --netns blue\n") !=
      std::string::npos);
}

TEST_CASE("doctor and states --all-netns as JSON have each namespace's report as by itself") {
  for (const std::string command : {"doctor", "states"}) {
    const test::Ran ran = run_in_namespaces({command, "--all-netns", "--json"}, full_in_blue);
    CHECK(test::against_schema(ran.results, command + "-namespaces") == "");
    const auto json = nlohmann::json::parse(ran.results);
    REQUIRE(json["namespaces"].size() == 3);
    CHECK(json["namespaces"][0]["netns"].is_null());
    CHECK(json["namespaces"][1]["process"] == nlohmann::json{{"pid", 812}, {"name", "nginx"}});
    CHECK(json["namespaces"][1]["report"]["command"] == command);
    CHECK(json["namespaces"][2]["report"].is_null());
    CHECK(json["namespaces"][2]["error"] == "cannot enter network namespace /proc/9/ns/net: no such process");
    CHECK(json["hidden_processes"] == 2);
  }
}

TEST_CASE("states --all-netns counts the sockets of each network namespace") {
  const test::Ran ran = run_in_namespaces({"states", "--all-netns", "-q"}, full_in_blue);
  CHECK(ran.status == 0);
  CHECK(ran.results.find("(--netns blue)\n  TIME_WAIT          100\n") != std::string::npos);
}

TEST_CASE("--all-netns goes with nothing that names one host or namespace, and counts once") {
  CHECK(run_cli({"doctor", "--all-netns", "--netns", "blue"}).status == 64);
  CHECK(run_cli({"doctor", "--all-netns", "--root", "/x"}).status == 64);
  CHECK(run_cli({"doctor", "--all-netns", "--from", "s.json"}).status == 64);
  CHECK(run_cli({"states", "--all-netns", "--watch"}).status == 64);
  CHECK(run_cli({"plan", "--all-netns"}).status == 64);
}

TEST_CASE("a snapshot says whether a peer has an address of this host, and null where the host does not tell") {
  const auto own = [](std::vector<IpAddress> addresses) {
    const test::Ran ran = run_cli({"snapshot", "--sockets"}, [&](test::MemoryHost& host) {
      bound({.count = 60, .destinations = 1})(host);
      host.connections.addresses = addresses;
    });
    return nlohmann::json::parse(ran.results)["sockets"]["destinations"][0]["own_address"].dump();
  };
  CHECK(own({}) == "null");
  CHECK(own({ipv4_address(10, 9, 0, 1)}) == "false");
  CHECK(own({ipv4_address(10, 9, 0, 1), server(1)}) == "true");
}

TEST_CASE("a snapshot of the first version, which lacks what was added to sockets later, is judged all the same") {
  const test::Furnish furnish = bound({.count = 60});
  auto document = nlohmann::json::parse(run_cli({"snapshot", "--sockets"}, furnish).results);
  document["sockets"].erase("service_ports");
  for (auto& source : document["sockets"]["sources"]) {
    source.erase("out_of_turn");
    source.erase("expected_shared");
  }
  for (auto& destination : document["sockets"]["destinations"]) destination.erase("own_address");
  const test::Ran ran = run_cli({"doctor", "-q", "--from", "s.json"},
                                [&](test::MemoryHost& host) { host.disk.files["s.json"] = document.dump(); });
  CHECK(ran.messages == "");
  CHECK(ran.results == kFine);
}
