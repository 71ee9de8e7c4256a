// `twctl doctor` on a host in memory: its text, its JSON, its exit codes. What it finds for real: tests/kernel.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "catalog/finding.hpp"
#include "rules/doctor_rules.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using test::Furnish;
using test::run_cli;

namespace {

void calm(test::MemoryHost& host) {
  test::stock_host(host);
  host.store.set("net.ipv4.ip_local_port_range", "32768 60999");
  host.store.set("net.ipv4.tcp_max_tw_buckets", "131072");
  host.connections.counted = {{"Tcp.ActiveOpens", 100}, {"Tcp.PassiveOpens", 5}, {"TcpExt.ListenDrops", 3}};
  Socket socket;
  socket.state = TcpState::established;
  socket.local = ipv4_address(10, 0, 0, 1);
  socket.remote = ipv4_address(10, 0, 0, 5);
  socket.local_port = 40000;
  socket.remote_port = 443;
  socket.inode = 1;
  host.connections.table = {socket};
}

// 12 sockets in CLOSE_WAIT for over a minute, of nginx.
void leaking(test::MemoryHost& host) {
  calm(host);
  Socket socket = host.connections.table[0];
  socket.state = TcpState::close_wait;
  socket.idle_ms = 63000;
  for (std::uint32_t i = 1; i <= 12; ++i) {
    socket.inode = i;
    host.connections.table.push_back(socket);
  }
  host.connections.holders.processes = {{.pid = 812, .name = "nginx"}};
  host.connections.holders.owner.assign(12, 0);
}

void overflowing(test::MemoryHost& host) {
  calm(host);
  host.connections.counted["TcpExt.ListenOverflows"] = 3;
  Counters later = host.connections.counted;
  later["TcpExt.ListenOverflows"] = 10;
  later["TcpExt.ListenDrops"] = 10;
  host.connections.counted_later = {later};
}

// Something of everything that a snapshot keeps.
void busy(test::MemoryHost& host) {
  leaking(host);
  host.facts.hostname = "proxy1";
  const auto add = [&](TcpState state, std::uint16_t local, IpAddress remote, std::uint16_t port) -> Socket& {
    Socket& socket = host.connections.table.emplace_back(host.connections.table[0]);
    socket.state = state;
    socket.local_port = local;
    socket.remote = remote;
    socket.remote_port = port;
    return socket;
  };
  IpAddress v6;
  v6.bytes[0] = 0x20;
  v6.bytes[15] = 1;
  Socket& listener = add(TcpState::listen, 443, IpAddress{}, 0);
  listener.local = IpAddress{};
  listener.inode = 1;
  listener.receive_queue = 9;
  listener.send_queue = 8;
  listener.drops = 40;
  for (std::uint16_t i = 0; i < 60; ++i) {
    add(TcpState::syn_sent, static_cast<std::uint16_t>(41000 + i), v6, static_cast<std::uint16_t>(100 + i))
        .retransmits = 1;
    add(TcpState::syn_recv, 443, ipv4_address(10, 9, 0, static_cast<std::uint8_t>(i)), 5000);
    add(TcpState::time_wait, static_cast<std::uint16_t>(42000 + i), v6, 443).timer_ms = 1000U * i;
    add(TcpState::last_ack, static_cast<std::uint16_t>(43000 + i), v6, 80).retransmits = 2;
    add(TcpState::fin_wait_1, static_cast<std::uint16_t>(44000 + i), v6, 80);
  }
  host.connections.holders.hidden = 3;
  Counters later = host.connections.counted;
  later["TcpExt.TCPTimeWaitOverflow"] = 3;
  later["TcpExt.ListenDrops"] = 40;
  later["Tcp.MaxConn"] = -1;
  later["IpExt.InOctets"] = 1;
  host.connections.counted_later = {later};
}

// More listeners than are kept, each of them with something to say.
void crowded(test::MemoryHost& host) {
  calm(host);
  Socket listener = host.connections.table[0];
  listener.state = TcpState::listen;
  listener.remote_port = 0;
  listener.send_queue = 128;
  listener.receive_queue = 1;
  for (std::uint16_t port = 1; port <= 5000; ++port) {
    listener.local_port = port;
    host.connections.table.push_back(listener);
  }
}

Furnish with_file(const std::string& name, const std::string& bytes) {
  return [=](test::MemoryHost& host) { host.disk.files[name] = bytes; };
}

std::string snapshot_of(const Furnish& furnish) { return run_cli({"snapshot", "--sockets"}, furnish).results; }

}  // namespace

TEST_CASE("every finding of doctor has a rule, but for the one that says that there is none") {
  std::set<std::string_view> looked_for{"no-change-needed"};
  for (const Rule<Examination>& rule : doctor_rules()) CHECK(looked_for.insert(rule.id).second);
  std::set<std::string_view> rows;
  for (const FindingRow& row : doctor_findings()) rows.insert(row.id);
  CHECK(looked_for == rows);
}

TEST_CASE("doctor says that no change is needed, with the numbers that say so") {
  const test::Ran ran = run_cli({"doctor"}, calm);
  CHECK(ran.status == 0);
  CHECK(ran.messages == "");
  CHECK(ran.results ==
        "Doctor for web1\n"
        "Linux 6.1.0-30-amd64, sampled for 1.0 s\n"
        "\n"
        "No change needed in this network namespace.\n"
        "No limit is near that was looked at: local ports, tcp_max_tw_buckets, accept queues. Not seen from\n"
        "here: tcp_max_orphans, tcp_mem.\n"
        "\n"
        "Numbers\n"
        "  sockets      1: 1 ESTABLISHED, 0 TIME_WAIT, 0 CLOSE_WAIT, 0 SYN_SENT, 0 SYN_RECV\n"
        "  ports        1 of 28232 taken, 10.0.0.1 to 10.0.0.5:443; enough for 470 new connections/s\n"
        "  TIME_WAIT    0 of connections accepted here, 0 of connections opened here; limit 131072\n"
        "  listeners    0 listening, 0 connections dropped in 1.0 s\n"
        "  connections  0 opened, 0 accepted, 0 resets sent in 1.0 s\n");
}

TEST_CASE("doctor prints a finding with its numbers, its meaning and what to do, and exits 2") {
  const test::Ran ran = run_cli({"doctor"}, leaking);
  CHECK(ran.status == 2);
  CHECK(ran.results.find(
            "~ warning  close-wait-held  nginx (812)\n"
            "    12 sockets in CLOSE_WAIT, 12 of them for a second or longer. The longest has heard nothing from\n"
            "    its peer for 63 s. Held by: nginx (812). Peers: 10.0.0.5 (12).\n"
            "    what it means  The program has not called close() yet. For a while that is in order: a peer may\n"
            "                   close its direction and wait for the answer. What stays for minutes, or grows,\n"
            "                   was forgotten, or the program hangs. No timer ends it unless the program asked\n"
            "                   for SO_KEEPALIVE, and then its file descriptor stays all the same, until the\n"
            "                   program closes it or ends.\n"
            "    what to do     Mend the program; a restart frees them until the next time. No sysctl helps.\n") !=
        std::string::npos);
  CHECK(ran.results.find("No change needed") == std::string::npos);
  CHECK(run_cli({"doctor", "--exit-zero"}, leaking).status == 0);
  CHECK(run_cli({"doctor", "-q"}, leaking).results == "~ warning  close-wait-held  nginx (812)\n");
}

TEST_CASE("a few in CLOSE_WAIT for less than a minute may be waited for by their peers: that is no trouble yet") {
  const auto held = [](std::uint32_t count, std::uint32_t idle_ms) -> Furnish {
    return [=](test::MemoryHost& host) {
      calm(host);
      Socket socket = host.connections.table[0];
      socket.state = TcpState::close_wait;
      socket.idle_ms = idle_ms;
      host.connections.table.assign(count, socket);
    };
  };
  const test::Ran few = run_cli({"doctor"}, held(12, 3000));
  CHECK(few.status == 0);
  CHECK(few.results.find("\n  info     close-wait-held\n") != std::string::npos);
  CHECK(few.results.find("The program may still be answering. Look again in a minute:") != std::string::npos);
  CHECK(run_cli({"doctor", "-q"}, held(99, 59000)).status == 0);
  CHECK(run_cli({"doctor", "-q"}, held(100, 1000)).status == 2);
  CHECK(run_cli({"doctor", "-q"}, held(1, 60000)).status == 2);
  CHECK(run_cli({"doctor"}, held(9, 59000)).results.find("close-wait-held") == std::string::npos);
}

TEST_CASE("doctor takes a counter for a trouble only if it grows now") {
  CHECK(run_cli({"doctor"}, overflowing).status == 2);
  CHECK(run_cli({"doctor"}, overflowing).results.find("ListenDrops by 7 in 1.0 s") != std::string::npos);
  const test::Ran once = run_cli({"doctor", "--interval", "0"}, overflowing);
  CHECK(once.status == 0);
  CHECK(once.results.find("  info     listen-overflow\n") != std::string::npos);
  CHECK(once.results.find("note: The counters were read once") != std::string::npos);
}

TEST_CASE("doctor as JSON has the findings and the numbers, and fits its schema") {
  const test::Ran ran = run_cli({"doctor", "--json"}, leaking);
  CHECK(ran.status == 2);
  CHECK(test::against_schema(ran.results, "doctor") == "");
  const auto document = nlohmann::json::parse(ran.results);
  CHECK(document["findings"][0]["id"] == "close-wait-held");
  CHECK(document["findings"][0]["subject"] == "nginx (812)");
  CHECK(document["findings"][0]["figures"]["held"] == 12);
  CHECK(document["numbers"]["ports_usable"] == 28232);
  CHECK(test::against_schema(run_cli({"doctor", "--json"}, calm).results, "doctor") == "");
}

TEST_CASE("doctor says what it could not see") {
  const test::Ran ran = run_cli({"doctor"}, [](test::MemoryHost& host) {
    leaking(host);
    host.connections.holders.owner.clear();
    host.connections.holders.hidden = 4;
    host.store.live.erase("net.ipv4.ip_local_port_range");
  });
  CHECK(ran.results.find("Who holds them could not be seen: run as root with CAP_SYS_PTRACE.") != std::string::npos);
  CHECK(ran.results.find("note: Processes that could not be looked into: 4. Run as root with CAP_SYS_PTRACE.") !=
        std::string::npos);
  CHECK(ran.results.find("note: ip_local_port_range could not be read: ports are not judged.") != std::string::npos);
}

TEST_CASE("a captured host is not sampled, and its processes are not asked for") {
  const test::Ran ran = run_cli({"doctor"}, [](test::MemoryHost& host) {
    leaking(host);
    host.facts.captured = true;
  });
  CHECK(ran.status == 2);
  CHECK(ran.results.find("~ warning  close-wait-held\n") != std::string::npos);
  CHECK(ran.results.find("sampled for") == std::string::npos);
}

TEST_CASE("doctor says of a snapshot what it says on the host, word for word") {
  for (const Furnish& furnish :
       {Furnish(calm), Furnish(leaking), Furnish(overflowing), Furnish(busy), Furnish(crowded)}) {
    const Furnish elsewhere = with_file("s.json", snapshot_of(furnish));
    for (const bool json : {false, true}) {
      std::vector<std::string_view> args{"doctor", json ? "--json" : "-v"};
      const test::Ran here = run_cli(args, furnish);
      args.insert(args.end(), {"--from", "s.json"});
      const test::Ran there = run_cli(args, elsewhere);
      CHECK(there.messages == "");
      CHECK(there.results == here.results);
      CHECK(there.status == here.status);
    }
  }
}

TEST_CASE("a snapshot with sockets fits its schema, and one without is none for doctor") {
  CHECK(test::against_schema(snapshot_of(busy), "snapshot") == "");
  const Furnish without = with_file("s.json", run_cli({"snapshot"}, calm).results);
  const test::Ran ran = run_cli({"doctor", "--from", "s.json"}, without);
  CHECK(ran.status == 69);
  CHECK(ran.messages ==
        "twctl: s.json: a snapshot without the sockets of its host\n"
        "  hint: take it again with `twctl snapshot --sockets`\n");
}

TEST_CASE("doctor --from may be given for several hosts, each under the name of its snapshot") {
  const auto furnish = [&](test::MemoryHost& host) {
    host.disk.files["a.json"] = snapshot_of(calm);
    host.disk.files["b.json"] = snapshot_of(leaking);
  };
  const test::Ran ran = run_cli({"doctor", "--from", "a.json", "--from", "b.json", "-q"}, furnish);
  CHECK(ran.status == 2);
  CHECK(ran.results ==
        "a.json:\nNo change needed in this network namespace.\n\nb.json:\n~ warning  close-wait-held  nginx (812)\n");
  const test::Ran json = run_cli({"doctor", "--from", "a.json", "--from", "b.json", "--json"}, furnish);
  CHECK(test::against_schema(json.results, "doctors") == "");
  CHECK(nlohmann::json::parse(json.results)["hosts"][1] ==
        nlohmann::json::parse(run_cli({"doctor", "--json"}, leaking).results));
}

TEST_CASE("a snapshot whose sockets are not what they should be is refused with the member's name") {
  const auto whole = nlohmann::json::parse(snapshot_of(busy));
  const auto problem_with = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json changed = whole;
    changed[nlohmann::json::json_pointer(std::string("/sockets") + pointer)] = value;
    const test::Ran ran = run_cli({"doctor", "--from", "s.json"}, with_file("s.json", changed.dump()));
    CHECK(ran.status == 65);
    return ran.messages.substr(0, ran.messages.find('\n'));
  };
  const std::string start = "twctl: s.json: not a snapshot: sockets.";
  CHECK(problem_with("/listeners/0/address", "::0001") == start + "listeners[0].address: expected an IP address");
  CHECK(problem_with("/listeners/0/port", 65536) == start + "listeners[0].port: expected a number from 0 to 65535");
  CHECK(problem_with("/destinations/0/open", -1) ==
        start + "destinations[0].open: expected a number from 0 to 4294967295");
  CHECK(problem_with("/counters/Tcp.ActiveOpens", 1.5) ==
        start + "counters.Tcp.ActiveOpens: expected a number from -1 to 1000000000000000");
  CHECK(problem_with("/sampled_ms", -1) == start + "sampled_ms: expected a number from 0 to 86400000");
  CHECK(problem_with("/origin", "hearsay") == start + "origin: a word that this version does not know");
  CHECK(problem_with("/states", 3) == start + "states: expected an object");
  for (const auto& [name, unused] : whole["sockets"].items()) {
    if (name == "service_ports" || name == "obstacles") continue;  // snapshots of the first version lack it
    nlohmann::json lacking = whole;
    lacking["sockets"].erase(name);
    const test::Ran ran = run_cli({"doctor", "--from", "s.json"}, with_file("s.json", lacking.dump()));
    CHECK(ran.messages.starts_with(start + name + ": missing"));
  }
}

TEST_CASE("what was counted twice in a captured host was sampled") {
  const test::Ran ran = run_cli({"doctor"}, [](test::MemoryHost& host) {
    calm(host);
    host.facts.captured = true;
    host.connections.counted["TcpExt.ListenOverflows"] = 3;
    host.connections.earlier =
        EarlierCounters{.counters = {{"TcpExt.ListenDrops", 1}, {"TcpExt.ListenOverflows", 1}}, .seconds = 1.02};
  });
  CHECK(ran.status == 2);
  CHECK(ran.results.find("sampled for 1.0 s") != std::string::npos);
  CHECK(ran.results.find("ListenDrops by 2 in 1.0 s") != std::string::npos);
}

TEST_CASE("doctor shows how far it is to somebody who looks on, and leaves nothing of it") {
  Streams streams;
  streams.results_on_terminal = true;
  const auto host = [](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
    auto made = std::make_unique<test::MemoryHost>();
    calm(*made);
    return made;
  };
  const test::Ran ran = test::run_cli_with({"doctor"}, host, streams);
  CHECK(ran.messages.starts_with(
      "\r\x1b[Ksampling the counters for 1 s: 0 %\r\x1b[Ksampling the counters for 1 s: 10 %"));
  CHECK(ran.messages.ends_with("90 %\r\x1b[K"));
  CHECK(test::run_cli_with({"doctor", "-q"}, host, streams).messages == "");
}

TEST_CASE("an interrupt ends the sampling, and says so") {
  const test::Ran ran = run_cli({"doctor"}, [](test::MemoryHost& host) {
    calm(host);
    host.process.signalled = true;
  });
  CHECK(ran.status == 130);
  CHECK(ran.results == "");
  CHECK(ran.messages == "twctl: interrupted while sampling\n");
}

TEST_CASE("orphans are held against their limit, which is the whole host's") {
  const auto with_orphans = [](std::int64_t count, const char* limit = "1000") {
    return run_cli({"doctor", "-q"},
                   [=](test::MemoryHost& host) {
                     calm(host);
                     host.store.set("net.ipv4.tcp_max_orphans", limit);
                     host.connections.counted["sockstat.TCP.orphan"] = count;
                   })
        .results;
  };
  CHECK(with_orphans(800) == "~ warning  orphans-near-limit\n");
  CHECK(with_orphans(799) == "No change needed in this network namespace.\n");
  CHECK(with_orphans(8, "10") == "~ warning  orphans-near-limit\n");
  CHECK(with_orphans(7, "10") == "No change needed in this network namespace.\n");
}

TEST_CASE("doctor refuses what makes no sense") {
  CHECK(run_cli({"doctor", "nginx"}).status == 64);
  CHECK(run_cli({"doctor", "--interval", "-1"}).status == 64);
  CHECK(run_cli({"doctor", "--interval", "1.5"}).status == 64);
  CHECK(run_cli({"doctor", "--by", "peer"}).status == 64);
  CHECK(run_cli({"doctor", "--from", "s.json", "--interval", "2"}).status == 64);
  CHECK(run_cli({"doctor", "--from", "s.json", "--root", "/x"}).status == 64);
  CHECK(run_cli({"snapshot", "--interval", "2"}).status == 64);
}
