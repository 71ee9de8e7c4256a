// `twctl states` on a host in memory: its table, its groups, its picture, its JSON.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "report/states_text.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using test::run_cli;

namespace {

void with_sockets(test::MemoryHost& host) {
  test::stock_host(host);
  const auto add = [&](int count, TcpState state, IpAddress remote) {
    Socket socket;
    socket.state = state;
    socket.local_port = 40000;
    socket.remote_port = 443;
    socket.remote = remote;
    host.connections.table.insert(host.connections.table.end(), static_cast<std::size_t>(count), socket);
  };
  add(2, TcpState::listen, ipv4_address(0, 0, 0, 0));
  add(12, TcpState::established, ipv4_address(10, 0, 0, 5));
  add(1500, TcpState::time_wait, ipv4_address(10, 0, 0, 5));
  add(1, TcpState::close_wait, ipv4_address(10, 0, 0, 6));
}

StateCounts counts(TcpState state, std::uint64_t count) {
  StateCounts all{};
  all[static_cast<std::size_t>(state)] = count;
  return all;
}

}  // namespace

TEST_CASE("states prints how many sockets are in each state that has any") {
  const test::Ran ran = run_cli({"states"}, with_sockets);
  CHECK(ran.status == 0);
  CHECK(ran.messages == "");
  CHECK(ran.results ==
        "TCP sockets of web1\n"
        "\n"
        "  LISTEN               2\n"
        "  ESTABLISHED         12\n"
        "  CLOSE_WAIT           1\n"
        "  TIME_WAIT         1500\n"
        "  total             1515\n"
        "\n"
        "note: TIME_WAIT: `twctl doctor` says whether it does harm, `twctl explain TIME_WAIT` who has to act.\n");
}

TEST_CASE("states --by peer adds the peers, most sockets first") {
  const test::Ran ran = run_cli({"states", "--by", "peer", "-q"}, with_sockets);
  CHECK(ran.results ==
        "  LISTEN               2\n"
        "  ESTABLISHED         12\n"
        "  CLOSE_WAIT           1\n"
        "  TIME_WAIT         1500\n"
        "  total             1515\n"
        "\n"
        "  peer                sockets       LISTEN  ESTABLISHED   CLOSE_WAIT    TIME_WAIT\n"
        "  10.0.0.5               1512            0           12            0         1500\n"
        "  none (listening)          2            2            0            0            0\n"
        "  10.0.0.6                  1            0            0            1            0\n");
}

TEST_CASE("states says what could not be seen, and how it was read if not by netlink") {
  const test::Ran ran = run_cli({"states", "--by", "process"}, [](test::MemoryHost& host) {
    with_sockets(host);
    host.connections.holders.hidden = 2;
    host.connections.came_from(SocketOrigin::table);
  });
  CHECK(ran.results.find("TCP sockets of web1: read from the text tables: netlink is not allowed here\n") == 0);
  CHECK(ran.results.find("note: 2 processes could not be looked into") != std::string::npos);
}

TEST_CASE("states as JSON has every state, and fits its schema") {
  const test::Ran plain = run_cli({"states", "--json"}, with_sockets);
  CHECK(test::against_schema(plain.results, "states") == "");
  const auto document = nlohmann::json::parse(plain.results);
  CHECK(document["total"] == 1515);
  CHECK(document["states"]["TIME_WAIT"] == 1500);
  CHECK(document["states"]["SYN_SENT"] == 0);
  CHECK(document["by"].empty());
  const test::Ran grouped = run_cli({"states", "--by", "peer", "--json"}, with_sockets);
  CHECK(test::against_schema(grouped.results, "states") == "");
  CHECK(nlohmann::json::parse(grouped.results)["by"][0] ==
        nlohmann::json::parse(R"({"name": "10.0.0.5", "number": null, "total": 1512,
                                  "states": {"ESTABLISHED": 12, "TIME_WAIT": 1500}})"));
}

TEST_CASE("states refuses what makes no sense") {
  CHECK(run_cli({"states", "nginx"}).status == 64);
  CHECK(run_cli({"states", "--watch", "--json"}).status == 64);
  CHECK(run_cli({"states", "--interval", "2"}).status == 64);
  CHECK(run_cli({"states", "--watch", "--interval", "0"}).status == 64);
  CHECK(run_cli({"states", "--by", "cat"}).messages == "twctl: --by takes one of peer, port, process\n");
}

TEST_CASE("states fails with what the system says, and prints no count") {
  const test::Ran ran = run_cli({"states"}, [](test::MemoryHost& host) {
    host.connections.broken = Error{.code = ErrorCode::failed, .message = "the list never came whole"};
  });
  CHECK(ran.status == 1);
  CHECK(ran.results == "");
  CHECK(ran.messages == "twctl: the list never came whole\n");
}

TEST_CASE("K9: states --watch into a pipe that nobody reads any more ends without a word") {
  Streams streams;
  streams.results = [](std::string_view) -> Result<void> { return fail(ErrorCode::output, ""); };
  test::MemoryHost host;
  with_sockets(host);
  const test::Ran ran = run_on(host, {"states", "--watch"}, std::move(streams));
  CHECK(ran.messages.empty());
  CHECK(ran.status == 74);
}

TEST_CASE("states --watch draws a picture each time and ends with an interrupt") {
  int pictures = 0;
  Streams streams;
  streams.results = [&](std::string_view text) -> Result<void> {
    pictures += text.find("ESTABLISHED") != std::string_view::npos ? 1 : 0;
    return {};
  };
  const test::Ran ran = test::run_cli_with(
      {"states", "--watch"},
      [](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
        auto host = std::make_unique<test::MemoryHost>();
        with_sockets(*host);
        host->process.signalled = true;  // comes while it waits
        return host;
      },
      streams);
  CHECK(ran.status == 130);
  CHECK(pictures == 1);
}

TEST_CASE(
    "K14: the picture of --watch says whose sockets, when, what the marks mean and how to end it, where it fits") {
  SocketSummary summary;
  PictureHeading heading;
  heading.time = 1795928402;
  heading.interval = 5;
  heading.host.hostname = "web1";
  const Screen screen{.columns = 80, .colour = false};
  CHECK(states_picture(summary, {summary.counts}, &heading, screen, 24)
            .starts_with("TCP sockets of web1, 2026-11-29 05:00:02 UTC, every 5 s; Ctrl-C ends\n"
                         "Each mark is one count, the newest at the right: blank none, @ the row's most\n"
                         "\n"
                         "  LISTEN "));
  CHECK(states_picture(summary, {summary.counts}, &heading, screen, 12).starts_with("  LISTEN "));
  CHECK(states_picture(summary, {summary.counts}, nullptr, screen, 24).starts_with("  LISTEN "));
}

TEST_CASE("K14: a client of a server on the same host is not elsewhere") {
  const test::Ran ran = run_cli({"states", "--by", "port"}, [](test::MemoryHost& host) {
    test::stock_host(host);
    host.connections.listen_on(8080);
    for (const auto& remote : {ipv4_address(127, 0, 0, 1), ipv4_address(10, 0, 0, 5)}) {
      Socket& socket = host.connections.table.emplace_back();
      socket.state = TcpState::established;
      socket.local = ipv4_address(127, 0, 0, 1);
      socket.remote = remote;
      socket.local_port = 40000;
      socket.remote_port = 8080;
    }
  });
  CHECK(ran.results.find("\n  8080 elsewhere                 1") != std::string::npos);
  CHECK(ran.results.find("\n  8080 here, client end          1") != std::string::npos);
  CHECK(ran.results.find("\n  8080 served here               1") != std::string::npos);
}

TEST_CASE("K14: a client of a server at another address of the same host is not elsewhere") {
  const auto by_port = [](std::vector<IpAddress> addresses) {
    return run_cli({"states", "--by", "port"},
                   [&](test::MemoryHost& host) {
                     test::stock_host(host);
                     host.connections.listen_on(8080);
                     host.connections.addresses = std::move(addresses);
                     Socket& socket = host.connections.table.emplace_back();
                     socket.state = TcpState::time_wait;
                     socket.local = ipv4_address(10, 0, 0, 1);
                     socket.remote = ipv4_address(10, 0, 0, 2);
                     socket.local_port = 40000;
                     socket.remote_port = 8080;
                   })
        .results;
  };
  CHECK(by_port({ipv4_address(10, 0, 0, 1), ipv4_address(10, 0, 0, 2)}).find("\n  8080 here, client end ") !=
        std::string::npos);
  CHECK(by_port({ipv4_address(10, 0, 0, 1)}).find("\n  8080 elsewhere ") != std::string::npos);
}

TEST_CASE("states tells the connections of a server that has stopped by its port, as far as that is known") {
  const test::Ran ran = run_cli({"states", "--by", "port"}, [](test::MemoryHost& host) {
    test::stock_host(host);
    host.store.set("net.ipv4.ip_local_port_range", "32768 60999");
    const auto connection = [&](const IpAddress& remote, std::uint16_t local_port, std::uint16_t remote_port) {
      Socket& socket = host.connections.table.emplace_back();
      socket.state = TcpState::time_wait;
      socket.local = ipv4_address(127, 0, 0, 1);
      socket.remote = remote;
      socket.local_port = local_port;
      socket.remote_port = remote_port;
    };
    const IpAddress other = ipv4_address(10, 0, 0, 5);
    const IpAddress same = ipv4_address(127, 0, 0, 1);
    connection(other, 8080, 51234);
    connection(other, 8080, 61000);   // a client of another system
    connection(other, 40000, 50051);  // both ends may be a client's: ours is
    connection(other, 700, 2049);     // NFS: a client that has chosen its port by itself
    connection(same, 9000, 40001);
    connection(same, 40001, 9000);
    connection(other, 701, 50052);
    host.connections.table.back().state = TcpState::syn_sent;  // it asks, so it is a client's
  });
  CHECK(ran.results.find("\n  8080 here, no listener          2") != std::string::npos);
  CHECK(ran.results.find("\n  9000 here, no listener          2") != std::string::npos);
  CHECK(ran.results.find("\n  50051 elsewhere                 1") != std::string::npos);
  CHECK(ran.results.find("\n  2049 elsewhere                  1") != std::string::npos);
  CHECK(ran.results.find("\n  50052 elsewhere                 1") != std::string::npos);
}

TEST_CASE("a history is one character a count, a blank for none and never for some") {
  StateHistory history;
  for (const std::uint64_t count : {0U, 1U, 50U, 100U}) history.push_back(counts(TcpState::established, count));
  CHECK(sparkline(history, TcpState::established, 10) == " .+@");
  CHECK(sparkline(history, TcpState::established, 2) == "+@");
  CHECK(sparkline(history, TcpState::listen, 10) == "    ");
  StateHistory huge{counts(TcpState::time_wait, UINT64_MAX / 2), counts(TcpState::time_wait, UINT64_MAX)};
  CHECK(sparkline(huge, TcpState::time_wait, 2).size() == 2);
}

TEST_CASE("the picture fits into a terminal of 80 by 24, whatever is counted") {
  SocketSummary summary;
  summary.by = GroupBy::peer;
  for (auto& count : summary.counts) count = 9999999;
  SocketGroup group{.name = "2001:db8:1111:2222:3333:4444:5555:6666", .number = {}, .counts = {}};
  for (auto& count : group.counts) count = 99999;
  summary.groups.assign(100, group);
  const StateHistory history(kLongestHistory, summary.counts);
  PictureHeading heading;
  heading.host.hostname = std::string(60, 'h');
  for (const std::size_t lines : {10U, 24U, 60U}) {
    const std::string picture = states_picture(summary, history, &heading, {.columns = 80, .colour = false}, lines);
    CHECK(static_cast<std::size_t>(std::count(picture.begin(), picture.end(), '\n')) <= lines);
    std::size_t longest = 0;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = picture.find('\n', start)) != std::string::npos; start = end + 1) {
      longest = std::max(longest, end - start);
    }
    CHECK(longest <= 80);
  }
}
