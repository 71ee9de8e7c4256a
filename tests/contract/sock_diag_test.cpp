// Datagrams made by hand, as sock_diag(7) describes them and as nobody should send them.
#include "platform/linux/sock_diag.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "platform/linux/netlink_dump.hpp"

using namespace twctl;

namespace {

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 3U) & ~std::size_t{3});
  return bytes;
}

std::string message(std::uint16_t type, const std::string& body, std::uint16_t flags = 0) {
  nlmsghdr head = {};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = type;
  head.nlmsg_flags = flags;
  return padded(bytes_of(head) + body);
}

std::string attribute(std::uint16_t type, const std::string& value) {
  nlattr head = {};
  head.nla_len = static_cast<std::uint16_t>(sizeof head + value.size());
  head.nla_type = type;
  return padded(bytes_of(head) + value);
}

inet_diag_msg loopback(std::uint8_t state) {
  inet_diag_msg body = {};
  body.idiag_family = AF_INET;
  body.idiag_state = state;
  body.idiag_timer = 3;
  body.idiag_expires = 59000;
  body.id.idiag_sport = htons(40000);
  body.id.idiag_dport = htons(443);
  body.id.idiag_src[0] = htonl(0x7f000001);
  body.id.idiag_dst[0] = htonl(0x0a000005);
  return body;
}

std::string socket_message(std::uint8_t state, const std::string& attributes = "") {
  return message(TCPDIAG_GETSOCK, bytes_of(loopback(state)) + attributes);
}

std::string done(int error = 0) { return message(NLMSG_DONE, bytes_of(error)); }

std::string problem_of(const std::string& datagram) {
  std::vector<Socket> sockets;
  const auto answer = decode_diag(datagram, sockets);
  return answer ? "none" : answer.error();
}

}  // namespace

TEST_CASE("sockets are taken out of a datagram of sock_diag, up to the end of the dump") {
  std::vector<Socket> sockets;
  const auto answer = decode_diag(socket_message(6) + socket_message(1) + done(), sockets);
  REQUIRE(answer.has_value());
  CHECK(answer->complete);
  CHECK_FALSE(answer->interrupted);
  CHECK(answer->error == 0);
  REQUIRE(sockets.size() == 2);
  const Socket expected{.state = TcpState::time_wait,
                        .timer = SocketTimer::time_wait,
                        .local_port = 40000,
                        .remote_port = 443,
                        .local = ipv4_address(127, 0, 0, 1),
                        .remote = ipv4_address(10, 0, 0, 5),
                        .timer_ms = 59000};
  CHECK(sockets[0] == expected);
  CHECK(sockets[1].state == TcpState::established);
}

TEST_CASE("a message that says nothing is passed over") {
  std::vector<Socket> sockets;
  const auto answer = decode_diag(message(NLMSG_NOOP, "") + socket_message(6) + done(), sockets);
  REQUIRE(answer.has_value());
  CHECK(answer->complete);
  CHECK(sockets.size() == 1);
}

TEST_CASE("an IPv4 peer on an IPv6 socket is the same peer") {
  inet_diag_msg body = loopback(1);
  body.idiag_family = AF_INET6;
  const IpAddress mapped = ipv4_address(10, 0, 0, 5);
  std::memcpy(body.id.idiag_dst, mapped.bytes.data(), mapped.bytes.size());
  std::vector<Socket> sockets;
  REQUIRE(decode_diag(message(TCPDIAG_GETSOCK, bytes_of(body)), sockets).has_value());
  CHECK(sockets.at(0).remote == ipv4_address(10, 0, 0, 5));
}

TEST_CASE("what a listener dropped and how long a peer was silent are taken, as far as the kernel tells them") {
  std::string memory(9 * 4, '\0');
  memory[8 * 4] = 7;
  tcp_info info = {};
  info.tcpi_last_ack_recv = 4200;
  std::vector<Socket> sockets;
  const std::string both = attribute(INET_DIAG_SKMEMINFO, memory) + attribute(INET_DIAG_INFO, bytes_of(info));
  const std::string old = attribute(INET_DIAG_SKMEMINFO, memory.substr(0, 8 * 4)) + attribute(INET_DIAG_INFO, "x");
  REQUIRE(decode_diag(socket_message(10, both) + socket_message(10, old), sockets).has_value());
  CHECK(sockets.at(0).drops == 7);
  CHECK(sockets.at(0).idle_ms == 4200);
  CHECK_FALSE(sockets.at(1).drops.has_value());
  CHECK_FALSE(sockets.at(1).idle_ms.has_value());
}

TEST_CASE("a state that we do not know is counted as closed, never left out") {
  std::vector<Socket> sockets;
  REQUIRE(decode_diag(socket_message(13) + socket_message(0), sockets).has_value());
  CHECK(sockets.at(0).state == TcpState::closed);
  CHECK(sockets.at(1).state == TcpState::closed);
}

TEST_CASE("the kernel's refusal is its errno, and an unexpected acknowledgement is none") {
  std::vector<Socket> sockets;
  nlmsgerr refusal = {};
  refusal.error = -ENOENT;
  CHECK(decode_diag(message(NLMSG_ERROR, bytes_of(refusal)), sockets)->error == ENOENT);
  refusal.error = 0;
  CHECK(decode_diag(message(NLMSG_ERROR, bytes_of(refusal)), sockets)->error == EPROTO);
  CHECK(decode_diag(done(-ENOMEM), sockets)->error == ENOMEM);
  CHECK(decode_diag(done(INT_MIN), sockets)->error == EPROTO);  // has no negation
  CHECK(decode_diag(done(7), sockets)->error == EPROTO);
}

TEST_CASE("malformed datagrams are refused with what is wrong") {
  CHECK(problem_of("abc") == "a message is cut short");
  CHECK(problem_of(message(TCPDIAG_GETSOCK, "short")) == "a socket's message is too short");
  std::string longer = socket_message(1);
  longer[0] = static_cast<char>(longer[0] + 4);
  CHECK(problem_of(longer) == "a message's length is wrong");
  std::string shorter = socket_message(1);
  shorter[0] = 4;
  CHECK(problem_of(shorter) == "a message's length is wrong");
  inet_diag_msg body = loopback(1);
  body.idiag_family = AF_UNIX;
  CHECK(problem_of(message(TCPDIAG_GETSOCK, bytes_of(body))) == "a socket of no IP family");
  CHECK(problem_of(socket_message(1, std::string("\x40\0\x02\0abcd", 8))) == "an attribute is longer than its message");
  CHECK(problem_of(message(NLMSG_ERROR, "x")) == "an error's message is too short");
}

namespace {

// Datagrams in turn, then the errno.
ReceiveDatagram giving(std::vector<std::string>& datagrams, int then) {
  return [&datagrams, then, at = std::size_t{0}]() mutable -> OrErrno<std::span<const char>> {
    if (at == datagrams.size()) return tl::unexpected(then);
    return std::span<const char>(datagrams[at++]);
  };
}

struct Counted {
  std::size_t sockets = 0;
  SocketSink sink{.restart = [this] { sockets = 0; },
                  .take = [this](std::span<const Socket> piece) { sockets += piece.size(); }};
};

}  // namespace

TEST_CASE("a dump ends whole, lost or interrupted, and a short one never counts as whole") {
  Counted counted;
  std::vector<std::string> whole{socket_message(1) + socket_message(6), socket_message(8) + done()};
  CHECK(read_dump(giving(whole, EAGAIN), counted.sink) == DumpEnd::whole);
  CHECK(counted.sockets == 3);
  std::vector<std::string> short_one{socket_message(1)};
  CHECK(read_dump(giving(short_one, ENOBUFS), counted.sink) == DumpEnd::lost);
  CHECK(read_dump(giving(short_one, EAGAIN), counted.sink) == tl::unexpected(EAGAIN));
  std::vector<std::string> changed{message(NLMSG_DONE, std::string(4, '\0'), NLM_F_DUMP_INTR)};
  CHECK(read_dump(giving(changed, EAGAIN), counted.sink) == DumpEnd::interrupted);
  std::vector<std::string> overrun{message(NLMSG_OVERRUN, "")};
  CHECK(read_dump(giving(overrun, EAGAIN), counted.sink) == DumpEnd::interrupted);
  std::vector<std::string> nonsense{"nonsense"};
  CHECK(read_dump(giving(nonsense, EAGAIN), counted.sink) == tl::unexpected(EPROTO));
}

TEST_CASE(
    "a dump that was lost or interrupted is read again from the start, and one that never comes whole is an error") {
  Counted counted;
  int tries = 0;
  using Ends = std::vector<OrErrno<DumpEnd>>;
  const auto ending = [&](Ends ends) {
    tries = 0;
    return [&, ends = std::move(ends)]() -> OrErrno<DumpEnd> {
      const Socket socket;
      counted.sink.take({&socket, 1});
      return ends.at(static_cast<std::size_t>(tries++));
    };
  };
  CHECK(dump_whole(ending({DumpEnd::lost, DumpEnd::interrupted, DumpEnd::whole}), counted.sink).has_value());
  CHECK(tries == 3);
  CHECK(counted.sockets == 1);  // of the last attempt alone
  CHECK(dump_whole(ending(Ends(kDumpAttempts, DumpEnd::lost)), counted.sink) == tl::unexpected(ENOBUFS));
  CHECK(tries == kDumpAttempts);
  CHECK(dump_whole(ending(Ends(kDumpAttempts, DumpEnd::interrupted)), counted.sink) == tl::unexpected(EINTR));
  CHECK(dump_whole(ending({tl::unexpected(EPERM)}), counted.sink) == tl::unexpected(EPERM));
  CHECK(tries == 1);
}
