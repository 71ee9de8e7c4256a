// What the rows say that settings do, where no myth is about it (myths_test.cpp): tried on loopback, in fresh
// namespaces.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "support/loopback.hpp"
#include "support/namespace.hpp"

using namespace twctl::test;

namespace {

constexpr int kEstablished = 1;
constexpr int kSynReceived = 3;
constexpr std::uint16_t kPort = 900;

template <class Done>
bool within_seconds(int seconds, Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

// The error with which a connection fails that nobody sends to; 0: it is still there.
int fails_within(int seconds, const Socket& socket) {
  pollfd wait = {.fd = socket.get(), .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, seconds * 1000) == 0) return 0;
  char byte = 0;
  return ::recv(socket.get(), &byte, 1, MSG_DONTWAIT) == -1 ? errno : 0;
}

// "" or the name of connect()'s error. The connection, if there is one, is closed by the client first.
std::string connect_and_close(const Socket& server) {
  Socket client = tcp_socket();
  std::string error = try_connect(client, {.port = kPort});
  if (!error.empty()) return error;
  Socket other_end = accepted(server);
  client.close();
  return error;
}

// A connection that the client has closed and the server keeps open: returns the server's end.
Socket orphan_in_fin_wait_2(const Socket& server) {
  Pair pair = connected(server, kPort);
  pair.client.close();
  REQUIRE(within_seconds(5, [] { return count_state(kFinWait2) == 1; }));
  return std::move(pair.server);
}

double longest_timer(int state) {
  double longest = 0;
  for (const TcpLine& line : tcp_table()) {
    if (line.state == state) longest = std::max(longest, line.seconds);
  }
  return longest;
}

void set_option(const Socket& socket, int option, int value) {
  REQUIRE(::setsockopt(socket.get(), SOL_SOCKET, option, &value, sizeof value) == 0);
}

// "" or the error of bind() to port 0 of 127.0.0.1.
std::string bind_any_port(const Socket& socket) {
  set_option(socket, SO_REUSEADDR, 1);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return bound ? "" : ::strerrorname_np(errno);
}

void attach(const Socket& socket, std::span<sock_filter> filter) {
  const sock_fprog program = {.len = static_cast<unsigned short>(filter.size()), .filter = filter.data()};
  REQUIRE(::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0);
}

// From now on no segment reaches it.
void deafen(const Socket& socket) {
  sock_filter drop[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  attach(socket, drop);
}

// From now on a listener hears no last ACK of a handshake. Byte 13 of a TCP header has the flags, 2 is SYN.
void hear_only_syns(const Socket& listener) {
  sock_filter program[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 1, 0),
                           BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0xffff)};
  attach(listener, program);
}

// A client that does not hear the answer to its SYN: its connection stays half open.
Socket deaf_client() {
  Socket client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  deafen(client);
  REQUIRE(try_connect(client, {.port = kPort}) == "EINPROGRESS");
  return client;
}

// `count` SYNs to a listener with that backlog: how many half-open connections it keeps. They outlive the listener by
// up to a second.
int kept_half_open(int count, int backlog) {
  REQUIRE(within_seconds(10, [] { return count_state(kSynReceived) == 0; }));
  const Socket server = listener(kPort, backlog);
  std::vector<Socket> clients;
  for (int i = 0; i < count; ++i) clients.push_back(deaf_client());
  return count_state(kSynReceived);
}

// A handshake whose last ACK meets a full accept queue, with the client that then hears again.
struct LateAck {
  Socket server;
  Socket in_queue;
  Socket client;
};
LateAck late_ack() {
  Socket server = listener(kPort, 0);  // room for one
  Socket client = deaf_client();
  Socket in_queue = tcp_socket();
  REQUIRE(try_connect(in_queue, {.port = kPort}).empty());
  set_option(client, SO_DETACH_FILTER, 0);  // the SYN-ACK comes again after 1 s
  return {.server = std::move(server), .in_queue = std::move(in_queue), .client = std::move(client)};
}

}  // namespace

TEST_CASE("a later tcp_fin_timeout does not touch the FIN_WAIT_2 that is there already") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const Socket server = listener(kPort);
  const Socket other_end = orphan_in_fin_wait_2(server);
  set("tcp_fin_timeout", "5");
  CHECK(longest_timer(kFinWait2) > 50);
}

TEST_CASE("tcp_fin_timeout 61 lives 2 s, not 61") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_fin_timeout", "61");
  const Socket server = listener(kPort);
  const Socket other_end = orphan_in_fin_wait_2(server);
  CHECK(within_seconds(10, [] { return count_state(kFinWait2) == 0; }));
}

TEST_CASE("orphaned FIN_WAIT_2 counts against tcp_max_tw_buckets") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_max_tw_buckets", "1");
  const Socket server = listener(kPort);
  const Socket other_end = orphan_in_fin_wait_2(server);
  CHECK(connect_and_close(server).empty());
  CHECK(within_seconds(5, [] { return counter("TCPTimeWaitOverflow") == 1; }));
  CHECK(count_state(kTimeWait) == 0);
}

TEST_CASE("tcp_max_tw_buckets 0 switches TIME_WAIT off, and a negative number means no limit since Linux 5.19") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const Socket server = listener(kPort);
  set("tcp_max_tw_buckets", "0");
  CHECK(connect_and_close(server).empty());
  CHECK(within_seconds(5, [] { return counter("TCPTimeWaitOverflow") == 1; }));
  set("tcp_max_tw_buckets", "-1");
  CHECK(connect_and_close(server).empty());
  CHECK(within_seconds(5, [] { return count_state(kTimeWait) == 1; }));
}

TEST_CASE("connect() takes no port over before tcp_tw_reuse_delay has passed, and takes it then") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  if (get("tcp_tw_reuse_delay").empty()) SKIP_TEST("tcp_tw_reuse_delay came with Linux 6.14");
  set("tcp_tw_reuse_delay", "60000");
  set("ip_local_port_range", "20000 20000");
  const Socket server = listener(kPort);
  CHECK(connect_and_close(server).empty());
  CHECK(connect_and_close(server) == "EADDRNOTAVAIL");
  set("tcp_tw_reuse_delay", "1");
  CHECK(within_seconds(5, [&] { return connect_and_close(server).empty(); }));
}

TEST_CASE("a reserved port is never chosen automatically, but may be bound by its number") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("ip_local_port_range", "20000 20003");
  set("ip_local_reserved_ports", "900,20000,20002-20003");
  const Socket server = listener(kPort);
  const Socket client = tcp_socket();
  CHECK(try_connect(client, {.port = kPort}).empty());
  CHECK(line_of(20001).state == kEstablished);
  CHECK(connect_and_close(server) == "EADDRNOTAVAIL");
}

TEST_CASE("bind() to port 0 says EADDRINUSE when the range is used up, unless ip_autobind_reuse lets it share") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  if (get("ip_autobind_reuse").empty()) SKIP_TEST("ip_autobind_reuse came with Linux 5.7");
  set("ip_local_port_range", "20000 20000");
  const Socket first = tcp_socket();
  const Socket second = tcp_socket();
  CHECK(bind_any_port(first).empty());
  CHECK(bind_any_port(second) == "EADDRINUSE");
  set("ip_autobind_reuse", "1");
  CHECK(bind_any_port(second).empty());
}

TEST_CASE("a keepalive timer that runs is not shortened by tcp_keepalive_time") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const Socket server = listener(kPort);
  const Pair pair = connected(server, kPort);
  set_option(pair.client, SO_KEEPALIVE, 1);
  set("tcp_keepalive_time", "10");
  CHECK(longest_timer(kEstablished) > 7000);
}

TEST_CASE("with tcp_keepalive_probes 0 an idle connection fails without a probe, though its peer is well") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_keepalive_time", "1");
  set("tcp_keepalive_probes", "0");
  const Socket server = listener(kPort);
  const Pair pair = connected(server, kPort);
  set_option(pair.client, SO_KEEPALIVE, 1);
  CHECK(fails_within(5, pair.client) == ETIMEDOUT);
  CHECK(counter("TCPKeepAlive") == 0);
}

TEST_CASE("with tcp_keepalive_intvl 0 all probes leave at once, and a peer has no time to answer") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_keepalive_time", "1");
  set("tcp_keepalive_intvl", "0");
  const Socket server = listener(kPort);
  const Pair pair = connected(server, kPort);
  deafen(pair.server);  // as if its answers took long
  set_option(pair.client, SO_KEEPALIVE, 1);
  CHECK(fails_within(5, pair.client) == ETIMEDOUT);  // nine probes, which with one second between them take nine
  CHECK(counter("TCPKeepAlive") == 9);
}

TEST_CASE("SYN cookies 1 keep state until the backlog is full, 2 never, 0 drop what is too much") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(kept_half_open(20, 8) == 9);
  CHECK(counter("SyncookiesSent") == 11);
  CHECK(counter("TCPReqQFullDoCookies") == 11);
  set("tcp_syncookies", "2");
  CHECK(kept_half_open(20, 8) == 0);
  CHECK(counter("SyncookiesSent") == 31);
  set("tcp_syncookies", "0");
  CHECK(kept_half_open(20, 8) == 9);
  CHECK(counter("TCPReqQFullDrop") == 11);
}

TEST_CASE("tcp_max_syn_backlog limits half-open connections with SYN cookies off, and only then") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_max_syn_backlog", "16");
  CHECK(kept_half_open(40, 64) == 40);
  set("tcp_syncookies", "0");
  CHECK(kept_half_open(40, 64) == 13);
  CHECK(counter("ListenDrops") == 27);
  CHECK(counter("TCPReqQFullDrop") == 0);  // that counts the listener's own backlog
}

TEST_CASE("with tcp_abort_on_overflow 0 the last ACK that meets a full accept queue is dropped, and the server waits") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const LateAck late = late_ack();
  CHECK(within_seconds(10, [] { return counter("ListenOverflows") >= 1; }));
  CHECK(count_state(kSynReceived) == 1);
  CHECK(counter("EmbryonicRsts") == 0);
}

TEST_CASE("with tcp_abort_on_overflow 1 it is answered with a reset") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_abort_on_overflow", "1");
  const LateAck late = late_ack();
  CHECK(within_seconds(10, [] { return counter("EmbryonicRsts") == 1; }));
  char byte = 0;
  CHECK(::recv(late.client.get(), &byte, 1, 0) == -1);
  CHECK(errno == ECONNRESET);
}

TEST_CASE("with SYN cookies the last ACK gets no reset from tcp_abort_on_overflow 1 either: its data is sent again") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  set("tcp_abort_on_overflow", "1");
  set("tcp_syncookies", "2");
  const Socket server = listener(kPort, 0);  // room for one
  hear_only_syns(server);
  const Socket client = tcp_socket();
  REQUIRE(try_connect(client, {.port = kPort}).empty());  // by its own account: the ACK is not heard
  set_option(server, SO_DETACH_FILTER, 0);
  const Socket in_queue = tcp_socket();
  REQUIRE(try_connect(in_queue, {.port = kPort}).empty());
  REQUIRE(::send(client.get(), "x", 1, 0) == 1);
  CHECK(within_seconds(10, [] { return counter("ListenOverflows") >= 1; }));
  CHECK(counter("EmbryonicRsts") == 0);
  (void)accepted(server);
  const Socket other_end = accepted(server);
  char byte = 0;
  CHECK(::recv(other_end.get(), &byte, 1, 0) == 1);
  CHECK(byte == 'x');
}
