// `twctl doctor` on a host in memory: its text, its JSON, its exit codes. What it finds for real: tests/kernel.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "catalog/finding.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
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

// 12 sockets in CLOSE_WAIT for three seconds, of nginx.
void leaking(test::MemoryHost& host) {
  calm(host);
  Socket socket = host.connections.table[0];
  socket.state = TcpState::close_wait;
  socket.idle_ms = 3000;
  for (std::uint32_t i = 1; i <= 12; ++i) {
    socket.inode = i;
    host.connections.table.push_back(socket);
  }
  host.connections.holders.processes = {{.pid = 812, .name = "nginx"}};
  host.connections.holders.owner.assign(12, 0);
}

void overflowing(test::MemoryHost& host) {
  calm(host);
  Counters later = host.connections.counted;
  later["TcpExt.ListenDrops"] = 10;
  host.connections.counted_later = {later};
}

}  // namespace

TEST_CASE("doctor says that no change is needed, with the numbers that say so") {
  const test::Ran ran = run_cli({"doctor"}, calm);
  CHECK(ran.status == 0);
  CHECK(ran.messages == "");
  CHECK(ran.results ==
        "Doctor for web1\n"
        "Linux 6.1.0-30-amd64, sampled for 1.0 s\n"
        "\n"
        "No change needed.\n"
        "No limit is near, nothing piles up, and nothing was dropped while twctl looked.\n"
        "\n"
        "Numbers\n"
        "  sockets      1: 1 ESTABLISHED, 0 TIME_WAIT, 0 CLOSE_WAIT, 0 SYN_SENT, 0 SYN_RECV\n"
        "  ports        1 of 28232 taken, 10.0.0.1 to 10.0.0.5:443; 471 new connections/s would last\n"
        "  TIME_WAIT    0 on served ports, 0 of connections opened here; limit 131072\n"
        "  listeners    0 listening, 0 connections dropped in 1.0 s\n"
        "  connections  0 opened, 0 accepted, 0 resets sent in 1.0 s\n");
}

TEST_CASE("doctor prints a finding with its numbers, its meaning and what to do, and exits 2") {
  const test::Ran ran = run_cli({"doctor"}, leaking);
  CHECK(ran.status == 2);
  CHECK(ran.results.find(
            "~ warning  close-wait-held  nginx (812)\n"
            "    12 sockets in CLOSE_WAIT, 12 of them for a second or longer. The longest has heard nothing from\n"
            "    its peer for 3 s. Held by: nginx (812). Peers: 10.0.0.5: 12.\n"
            "    what it means  The program has not called close(), because it forgot to or because it hangs.\n"
            "                   There is no timer: they stay until it does or ends, and each holds a file\n"
            "                   descriptor.\n"
            "    what to do     Mend or restart the program. No sysctl helps.\n") != std::string::npos);
  CHECK(ran.results.find("No change needed") == std::string::npos);
  CHECK(run_cli({"doctor", "--exit-zero"}, leaking).status == 0);
  CHECK(run_cli({"doctor", "-q"}, leaking).results == "~ warning  close-wait-held  nginx (812)\n");
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
  CHECK(ran.results.find("Who holds them could not be seen: run as root.") != std::string::npos);
  CHECK(ran.results.find("note: Processes that could not be looked into: 4. Run as root.") != std::string::npos);
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

TEST_CASE("an interrupt ends the sampling, and says so") {
  const test::Ran ran = run_cli({"doctor"}, [](test::MemoryHost& host) {
    calm(host);
    host.signalled = true;
  });
  CHECK(ran.status == 130);
  CHECK(ran.results == "");
  CHECK(ran.messages == "twctl: interrupted while sampling\n");
}

TEST_CASE("orphans are held against their limit, which is the whole host's") {
  const auto with_orphans = [](std::int64_t count) {
    return run_cli({"doctor", "-q"},
                   [=](test::MemoryHost& host) {
                     calm(host);
                     host.store.set("net.ipv4.tcp_max_orphans", "1000");
                     host.connections.counted["sockstat.TCP.orphan"] = count;
                   })
        .results;
  };
  CHECK(with_orphans(800) == "~ warning  orphans-near-limit\n");
  CHECK(with_orphans(799) == "No change needed.\n");
}

TEST_CASE("doctor refuses what makes no sense") {
  CHECK(run_cli({"doctor", "nginx"}).status == 64);
  CHECK(run_cli({"doctor", "--interval", "-1"}).status == 64);
  CHECK(run_cli({"doctor", "--interval", "1.5"}).status == 64);
  CHECK(run_cli({"doctor", "--by", "peer"}).status == 64);
}
