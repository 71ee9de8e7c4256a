#include "platform/linux/netlink_dump.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "platform/linux/sock_diag.hpp"
#include "platform/posix/descriptor.hpp"

namespace twctl {
namespace {

constexpr std::size_t kBuffer = 32U * 1024;  // the kernel fills up to that much at a time; more is no faster (measured)

constexpr std::uint8_t extension(int attribute) { return static_cast<std::uint8_t>(1U << (attribute - 1)); }

struct DumpRequest {
  nlmsghdr header;
  inet_diag_req body;
};

// The older of the two requests: it answers for IPv4 and IPv6 in one walk of the kernel's table, where
// SOCK_DIAG_BY_FAMILY takes one walk each (Linux net/ipv4/inet_diag.c, inet_diag_dump_compat()).
OrErrno<void> ask(int socket, const SocketQuery& query) {
  DumpRequest request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = TCPDIAG_GETSOCK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.idiag_family = AF_INET;
  request.body.idiag_states = query.states.bits();
  if (query.details) request.body.idiag_ext = extension(INET_DIAG_INFO) | extension(INET_DIAG_SKMEMINFO);
  if (::send(socket, &request, sizeof request, 0) < 0) return tl::unexpected(errno);
  return {};
}

OrErrno<std::span<const char>> receive_into(int socket, std::span<char> buffer) {
  while (true) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), MSG_TRUNC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(errno);
    if (got == 0 || static_cast<std::size_t>(got) > buffer.size()) return tl::unexpected(EPROTO);
    return buffer.first(static_cast<std::size_t>(got));
  }
}

// A socket of its own for each attempt: what is left of a failed dump dies with it.
OrErrno<DumpEnd> attempt(const SocketQuery& query, const SocketSink& sink) {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return tl::unexpected(errno);
  if (const auto asked = ask(socket.get(), query); !asked) return tl::unexpected(asked.error());
  alignas(nlmsghdr) std::array<char, kBuffer> buffer;
  return read_dump([&] { return receive_into(socket.get(), buffer); }, sink);
}

}  // namespace

OrErrno<DumpEnd> read_dump(const ReceiveDatagram& receive, const SocketSink& sink) {
  std::vector<Socket> sockets;
  while (true) {
    const auto datagram = receive();
    if (!datagram && datagram.error() == ENOBUFS) return DumpEnd::lost;
    if (!datagram) return tl::unexpected(datagram.error());
    sockets.clear();
    const auto answer = decode_diag(*datagram, sockets);
    if (!answer) return tl::unexpected(EPROTO);
    if (answer->error != 0) return tl::unexpected(answer->error);
    if (answer->interrupted) return DumpEnd::interrupted;
    sink.take(sockets);
    if (answer->complete) return DumpEnd::whole;
  }
}

OrErrno<void> dump_by_netlink(const SocketQuery& query, const SocketSink& sink) {
  return dump_whole([&] { return attempt(query, sink); }, sink);
}

OrErrno<void> dump_whole(const AttemptDump& attempt, const SocketSink& sink) {
  int error = 0;
  for (int i = 0; i < kDumpAttempts; ++i) {
    sink.restart();
    const auto end = attempt();
    if (!end) return tl::unexpected(end.error());
    if (*end == DumpEnd::whole) return {};
    error = *end == DumpEnd::lost ? ENOBUFS : EINTR;
  }
  return tl::unexpected(error);
}

}  // namespace twctl
