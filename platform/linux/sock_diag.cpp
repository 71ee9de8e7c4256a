#include "platform/linux/sock_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace twctl {
namespace {

using Bytes = std::span<const char>;
using Problem = tl::unexpected<std::string>;

constexpr std::size_t align(std::size_t length) { return (length + 3U) & ~std::size_t{3}; }

// A copy, because nothing promises that a piece of a buffer is aligned.
template <class T>
T read_as(Bytes bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

IpAddress address_of(const __be32 (&words)[4], int family) {
  IpAddress address;
  if (family == AF_INET) {
    address = ipv4_address(0, 0, 0, 0);
    std::memcpy(address.bytes.data() + 12, words, 4);
  } else {
    std::memcpy(address.bytes.data(), words, address.bytes.size());
  }
  return address;
}

SocketTimer timer_of(int number) {
  switch (number) {
    case 1:
      return SocketTimer::retransmit;
    case 2:
      return SocketTimer::keepalive;
    case 3:
      return SocketTimer::time_wait;
    case 4:
      return SocketTimer::probe;
    default:
      return SocketTimer::none;
  }
}

// The attribute is as long as the kernel's version of it; what it lacks is not told.
void take_attribute(int type, Bytes value, Socket& socket) {
  constexpr std::size_t kDropsEnd = (SK_MEMINFO_DROPS + 1) * sizeof(std::uint32_t);
  constexpr std::size_t kIdleEnd = offsetof(tcp_info, tcpi_last_ack_recv) + sizeof(std::uint32_t);
  if (type == INET_DIAG_SKMEMINFO && value.size() >= kDropsEnd) {
    socket.drops = read_as<std::uint32_t>(value.subspan(kDropsEnd - sizeof(std::uint32_t)));
  }
  if (type == INET_DIAG_INFO && value.size() >= kIdleEnd) {
    socket.idle_ms = read_as<std::uint32_t>(value.subspan(offsetof(tcp_info, tcpi_last_ack_recv)));
  }
}

bool take_attributes(Bytes rest, Socket& socket) {
  while (rest.size() >= sizeof(nlattr)) {
    const auto head = read_as<nlattr>(rest);
    if (head.nla_len < sizeof head || head.nla_len > rest.size()) return false;
    take_attribute(head.nla_type, rest.subspan(sizeof head, head.nla_len - sizeof head), socket);
    rest = rest.subspan(std::min(align(head.nla_len), rest.size()));
  }
  return true;
}

Socket socket_of(const inet_diag_msg& message) {
  const bool known = message.idiag_state > 0 && message.idiag_state < kTcpStates;
  return {.state = known ? static_cast<TcpState>(message.idiag_state) : TcpState::closed,
          .timer = timer_of(message.idiag_timer),
          .retransmits = message.idiag_retrans,
          .local_port = ntohs(message.id.idiag_sport),
          .remote_port = ntohs(message.id.idiag_dport),
          .local = address_of(message.id.idiag_src, message.idiag_family),
          .remote = address_of(message.id.idiag_dst, message.idiag_family),
          .timer_ms = message.idiag_expires,
          .inode = message.idiag_inode,
          .receive_queue = message.idiag_rqueue,
          .send_queue = message.idiag_wqueue};
}

tl::expected<void, std::string> take_socket(Bytes body, std::vector<Socket>& sockets) {
  if (body.size() < sizeof(inet_diag_msg)) return Problem("a socket's message is too short");
  const auto message = read_as<inet_diag_msg>(body);
  if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6) return Problem("a socket of no IP family");
  Socket socket = socket_of(message);
  if (!take_attributes(body.subspan(sizeof message), socket)) return Problem("an attribute is longer than its message");
  sockets.push_back(socket);
  return {};
}

// NLMSG_DONE may carry the errno that ended the dump, as a negative number; NLMSG_ERROR has one.
int error_of(Bytes body) {
  constexpr int kLargestErrno = 4095;  // Linux include/linux/err.h, MAX_ERRNO
  const int error = body.size() < sizeof(int) ? 0 : read_as<int>(body);
  return error <= 0 && error >= -kLargestErrno ? -error : EPROTO;
}

tl::expected<void, std::string> take_message(const nlmsghdr& head, Bytes body, DiagAnswer& answer,
                                             std::vector<Socket>& sockets) {
  answer.interrupted = answer.interrupted || (head.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
  switch (head.nlmsg_type) {
    case NLMSG_DONE:
      answer.complete = true;
      answer.error = error_of(body);
      return {};
    case NLMSG_ERROR:
      if (body.size() < sizeof(nlmsgerr)) return Problem("an error's message is too short");
      answer.complete = true;
      answer.error = error_of(body) == 0 ? EPROTO : error_of(body);  // an acknowledgement that nobody asked for
      return {};
    case NLMSG_OVERRUN:
      answer.interrupted = true;
      return {};
    case NLMSG_NOOP:
      return {};
    default:
      return take_socket(body, sockets);
  }
}

}  // namespace

tl::expected<DiagAnswer, std::string> decode_diag(std::span<const char> datagram, std::vector<Socket>& sockets) {
  DiagAnswer answer;
  for (Bytes rest = datagram; !rest.empty() && !answer.complete;) {
    if (rest.size() < sizeof(nlmsghdr)) return Problem("a message is cut short");
    const auto head = read_as<nlmsghdr>(rest);
    if (head.nlmsg_len < sizeof head || head.nlmsg_len > rest.size()) return Problem("a message's length is wrong");
    const Bytes body = rest.subspan(sizeof head, head.nlmsg_len - sizeof head);
    if (const auto done = take_message(head, body, answer, sockets); !done) return Problem(done.error());
    rest = rest.subspan(std::min(align(head.nlmsg_len), rest.size()));
  }
  return answer;
}

}  // namespace twctl
