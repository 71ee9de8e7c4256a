// What the catalogue's myths, states and topics claim, asked of the kernel that runs the tests, on the loopback of a
// network namespace of each test's own.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <vector>

#include "support/in_namespace.hpp"
#include "support/loopback.hpp"
#include "support/skip.hpp"

using namespace twctl::test;

namespace {

constexpr int kCloseWait = 8;
constexpr int kLastAck = 9;
constexpr int kBindAddressNoPort = 24;  // IP_BIND_ADDRESS_NO_PORT, Linux 4.2

// The body's answer in a namespace of its own, compared with `expected`.
void check_in_namespace(const std::function<std::string()>& body, const std::string& expected) {
  const auto answer = in_namespace([&] { return told(body); });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == expected);
}

// `count` connections to the listener on `port`, each closed by the client first, so that it keeps TIME_WAIT.
void close_first(const Socket& server, std::uint16_t port, int count) {
  for (int i = 0; i < count; ++i) {
    Pair pair = connected(server, port);
    pair.client.close();
    char byte = 0;
    (void)::recv(pair.server.get(), &byte, 1, 0);  // the end of the stream
    pair.server.close();
  }
  (void)soon([] { return count_state(kLastAck) == 0; });
}

// A client's side of one connection that the client has closed and the server has not.
struct HalfClosed {
  Socket server;
  std::uint16_t client_port = 0;
};

std::uint16_t local_port(const Socket& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  (void)::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

HalfClosed half_closed(const Socket& listening, std::uint16_t port) {
  Pair pair = connected(listening, port);
  const std::uint16_t client_port = local_port(pair.client);
  pair.client.close();
  (void)soon([&] { return line_of(client_port).state == kFinWait2; });
  return {.server = std::move(pair.server), .client_port = client_port};
}

// "state 05, timer 3, 60 s"
std::string describe(std::uint16_t port) {
  const TcpLine line = line_of(port);
  return fmt::format("state {:02X}, timer {}, {:.0f} s", line.state, line.timer, line.seconds);
}

std::string bound_to_any_port(const Socket& socket) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? "" : "bind failed";
}

enum class Bind { no, first, without_port };

// How many connections to one destination can be open at a time.
int connections_to(const To& destination, Bind bind, std::vector<Socket>& open) {
  for (int count = 0;; ++count) {
    Socket socket = tcp_socket();
    const int on = 1;
    if (bind == Bind::without_port) ::setsockopt(socket.get(), IPPROTO_IP, kBindAddressNoPort, &on, sizeof on);
    if (bind != Bind::no && !bound_to_any_port(socket).empty()) return count;
    if (!try_connect(socket, destination).empty()) return count;
    open.push_back(std::move(socket));
  }
}

// With ten ports, to 127.0.0.1:5000, 127.0.0.1:5001 and 127.0.0.2:5000.
std::string three_destinations(Bind bind) {
  set("ip_local_port_range", "20000 20009");
  const Socket one = listener(5000);
  const Socket two = listener(5001);
  std::vector<Socket> open;
  const int first = connections_to({.port = 5000}, bind, open);
  const int second = connections_to({.port = 5001}, bind, open);
  const int third = connections_to({.address = "127.0.0.2", .port = 5000}, bind, open);
  return fmt::format("{} + {} + {}", first, second, third);
}

// Both of two ports in TIME_WAIT: what a third connect() says, and how much TWRecycled rose.
std::string third_connect(const std::string& reuse, const std::string& timestamps) {
  set("tcp_tw_reuse", reuse);
  set("tcp_timestamps", timestamps);
  set("tcp_tw_reuse_delay", "1");
  set("ip_local_port_range", "20000 20001");
  const Socket server = listener(5000);
  close_first(server, 5000, 2);
  const long before = counter("TWRecycled");
  Socket third = tcp_socket();
  std::string outcome;
  (void)soon([&] { return (outcome = try_connect(third, {.port = 5000})).empty(); });
  return fmt::format("{} TWRecycled +{}", outcome.empty() ? "connected" : outcome, counter("TWRecycled") - before);
}

// The sequence number that this end expects next.
std::uint32_t expected_next(const Socket& socket) {
  const int on = 1;
  const int off = -1;  // TCP_REPAIR_OFF_NO_WP
  const int receive_queue = 1;
  std::uint32_t number = 0;
  socklen_t size = sizeof number;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_REPAIR_QUEUE, &receive_queue, sizeof receive_queue);
  ::getsockopt(socket.get(), IPPROTO_TCP, TCP_QUEUE_SEQ, &number, &size);
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_REPAIR, &off, sizeof off);
  return number;
}

// A TIME_WAIT of a client is sent a reset with exactly the sequence number that it expects: is it still there?
std::string time_wait_after_reset(const std::string& rfc1337) {
  set("tcp_rfc1337", rfc1337);
  const Socket server = listener(5000);
  Pair pair = connected(server, 5000);
  const std::uint16_t port = local_port(pair.client);
  const std::uint32_t after_fin = expected_next(pair.client) + 1;
  pair.client.close();
  pair.server.close();
  if (!soon([] { return count_state(kTimeWait) == 1; })) return "no TIME_WAIT";
  send_reset({.from = 5000, .to = port, .sequence = after_fin});
  const Pair behind = connected(server, 5000);  // so the reset has been dealt with
  return count_state(kTimeWait) == 1 ? "stays" : "gone";
}

unsigned backlog_of(const Socket& listening) {
  tcp_info info = {};
  socklen_t size = sizeof info;
  (void)::getsockopt(listening.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_sacked;  // of a listener: its limit
}

}  // namespace

TEST_CASE("TIME_WAIT lasts 60 s whatever tcp_fin_timeout says, and belongs to nobody") {
  for (const char* timeout : {"5", "60", "120"}) {
    CAPTURE(timeout);
    check_in_namespace(
        [&]() -> std::string {
          set("tcp_fin_timeout", timeout);
          const Socket server = listener(5000);
          close_first(server, 5000, 1);
          for (const TcpLine& line : tcp_table()) {
            if (line.state != kTimeWait) continue;
            return fmt::format("timer {}, {:.0f} s, inode {}", line.timer, line.seconds, line.inode);
          }
          return "no TIME_WAIT";
        },
        "timer 3, 60 s, inode 0");
  }
}

TEST_CASE("tcp_fin_timeout limits an orphaned FIN_WAIT_2, and 61 to 119 live shorter than they say") {
  const auto timer_with = [](const char* timeout) {
    set("tcp_fin_timeout", timeout);
    const Socket server = listener(5000);
    return describe(half_closed(server, 5000).client_port);
  };
  check_in_namespace([&] { return timer_with("30"); }, "state 05, timer 3, 30 s");
  check_in_namespace([&] { return timer_with("60"); }, "state 05, timer 3, 60 s");
  // Twice v - 60: first as a whole socket with the keepalive timer, then once more as a time-wait object.
  // Of a busy machine a second has gone when it is looked at.
  check_in_namespace(
      [&] {
        const std::string found = timer_with("75");
        return found == "state 05, timer 2, 14 s" ? "state 05, timer 2, 15 s" : found;
      },
      "state 05, timer 2, 15 s");
}

TEST_CASE("a FIN_WAIT_2 that an application still holds, and CLOSE_WAIT, have no timer") {
  check_in_namespace(
      [] {
        const Socket server = listener(5000);
        const Pair pair = connected(server, 5000);
        const std::uint16_t port = local_port(pair.client);
        ::shutdown(pair.client.get(), SHUT_WR);
        (void)soon([&] { return line_of(port).state == kFinWait2 && count_state(kCloseWait) == 1; });
        return fmt::format("{}; {} in CLOSE_WAIT, state 08, timer {}", describe(port), count_state(kCloseWait),
                           tcp_table().back().state == kCloseWait ? tcp_table().back().timer : 0);
      },
      "state 05, timer 0, 0 s; 1 in CLOSE_WAIT, state 08, timer 0");
}

TEST_CASE("what a peer sends after our close is reset at once, with any tcp_fin_timeout") {
  for (const char* timeout : {"1", "60"}) {
    CAPTURE(timeout);
    check_in_namespace(
        [&]() -> std::string {
          set("tcp_fin_timeout", timeout);
          const Socket server = listener(5000);
          const HalfClosed half = half_closed(server, 5000);
          const auto sent = ::send(half.server.get(), "x", 1, MSG_NOSIGNAL);
          const auto after_reset = ::send(half.server.get(), "x", 1, MSG_NOSIGNAL);
          return fmt::format("sent {}, then {}", sent, after_reset < 0 && errno == EPIPE ? "EPIPE" : "no error");
        },
        "sent 1, then EPIPE");
  }
}

TEST_CASE("sockstat's tw counts orphaned FIN_WAIT_2 too") {
  check_in_namespace(
      [] {
        const Socket server = listener(5000);
        const HalfClosed half = half_closed(server, 5000);
        return fmt::format("tw {}: {} TIME_WAIT, {} FIN_WAIT_2", sockstat_tw(), count_state(kTimeWait),
                           count_state(kFinWait2));
      },
      "tw 1: 0 TIME_WAIT, 1 FIN_WAIT_2");
}

TEST_CASE("a lower tcp_max_tw_buckets removes no TIME_WAIT") {
  check_in_namespace(
      [] {
        const Socket server = listener(5000);
        close_first(server, 5000, 10);
        set("tcp_max_tw_buckets", "2");
        return fmt::format("{} TIME_WAIT", count_state(kTimeWait));
      },
      "10 TIME_WAIT");
}

TEST_CASE("beyond tcp_max_tw_buckets connections skip TIME_WAIT, and TCPTimeWaitOverflow counts them") {
  check_in_namespace(
      [] {
        set("tcp_max_tw_buckets", "5");
        const Socket server = listener(5000);
        close_first(server, 5000, 12);
        return fmt::format("{} TIME_WAIT, overflow {}", count_state(kTimeWait), counter("TCPTimeWaitOverflow"));
      },
      "5 TIME_WAIT, overflow 7");
}

TEST_CASE("connect() takes over a TIME_WAIT only with tcp_tw_reuse and timestamps, and TWRecycled counts it") {
  const auto has_delay = in_namespace([] { return get("tcp_tw_reuse_delay"); });
  if (!has_delay) SKIP_TEST("no namespaces here");
  if (has_delay->empty()) SKIP_TEST("no tcp_tw_reuse_delay before Linux 6.14: it would take a second");
  check_in_namespace([] { return third_connect("1", "1"); }, "connected TWRecycled +1");
  check_in_namespace([] { return third_connect("2", "1"); }, "connected TWRecycled +1");
  check_in_namespace([] { return third_connect("0", "1"); }, "EADDRNOTAVAIL TWRecycled +0");
  check_in_namespace([] { return third_connect("1", "0"); }, "EADDRNOTAVAIL TWRecycled +0");
}

TEST_CASE("a client may come back at once to a server that keeps its TIME_WAIT, without tcp_tw_reuse") {
  check_in_namespace(
      [] {
        set("tcp_tw_reuse", "0");
        set("ip_local_port_range", "20000 20000");
        const Socket server = listener(5000);
        Pair pair = connected(server, 5000);
        pair.server.close();  // the server closes first
        char byte = 0;
        (void)::recv(pair.client.get(), &byte, 1, 0);
        pair.client.close();
        const bool server_waits = soon([] { return count_state(kTimeWait) == 1; }) && line_of(5000).local_port == 5000;
        Socket again = tcp_socket();
        return fmt::format("server in TIME_WAIT: {}; again: {}", server_waits, try_connect(again, {.port = 5000}));
      },
      "server in TIME_WAIT: true; again: ");
}

TEST_CASE("the port range counts for each destination, but is shared by those who bind() first") {
  check_in_namespace([] { return three_destinations(Bind::no); }, "10 + 10 + 10");
  check_in_namespace([] { return three_destinations(Bind::first); }, "10 + 0 + 0");
  check_in_namespace([] { return three_destinations(Bind::without_port); }, "10 + 10 + 10");
}

TEST_CASE("net.core.somaxconn is read at listen(), not while a server runs") {
  check_in_namespace(
      [] {
        set("core/somaxconn", "128");
        const Socket server = listener(5000, 1000);
        const unsigned first = backlog_of(server);
        set("core/somaxconn", "1000");
        const unsigned raised = backlog_of(server);
        ::listen(server.get(), 1000);
        return fmt::format("{}, {}, {}", first, raised, backlog_of(server));
      },
      "128, 128, 1000");
}

TEST_CASE("tcp_abort_on_overflow does not answer a SYN that finds the accept queue full") {
  check_in_namespace(
      [] {
        set("tcp_abort_on_overflow", "1");
        const Socket server = listener(5000, 0);
        const Socket queued = tcp_socket();
        const std::string first = try_connect(queued, {.port = 5000});
        const Socket refused(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const std::string second = try_connect(refused, {.port = 5000});
        pollfd wait{.fd = refused.get(), .events = POLLOUT, .revents = 0};
        const int answered = ::poll(&wait, 1, 200);
        return fmt::format("{}{}, answers {}, ListenOverflows {}", first, second, answered, counter("ListenOverflows"));
      },
      "EINPROGRESS, answers 0, ListenOverflows 1");
}

TEST_CASE("SO_LINGER with 0 leaves no TIME_WAIT: the peer gets a reset, after the data it had") {
  check_in_namespace(
      [] {
        const Socket server = listener(5000);
        Pair pair = connected(server, 5000);
        (void)::send(pair.client.get(), "x", 1, 0);
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(pair.client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        pair.client.close();
        (void)soon([] { return counter("TCPAbortOnClose") + counter("TCPAbortOnData") > 0; });
        char byte = 0;
        const auto data = ::recv(pair.server.get(), &byte, 1, 0);
        const auto end = ::recv(pair.server.get(), &byte, 1, 0);
        return fmt::format("tw {}, data {}, end {}", sockstat_tw(), data, end < 0 && errno == ECONNRESET);
      },
      "tw 0, data 1, end true");
}

TEST_CASE("a reset that fits exactly ends TIME_WAIT with tcp_rfc1337 0 and not with 1: the documentation is inverted") {
  check_in_namespace([] { return time_wait_after_reset("0"); }, "gone");
  check_in_namespace([] { return time_wait_after_reset("1"); }, "stays");
}

TEST_CASE("a new network namespace has the kernel's defaults, not its maker's values") {
  check_in_namespace(
      [] {
        set("tcp_fin_timeout", "7");
        set("ip_local_port_range", "20000 20001");
        if (::unshare(CLONE_NEWNET) != 0) return std::string("no second namespace");
        return get("tcp_fin_timeout") + "; " + get("ip_local_port_range") + "; " + get("tcp_syncookies");
      },
      "60; 32768 60999; 1");
}
