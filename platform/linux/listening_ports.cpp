#include "platform/linux/listening_ports.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLargestTable = 64U << 20U;  // /proc/net/tcp is 150 bytes a socket, TIME_WAIT included

struct DumpRequest {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

OrErrno<void> ask(int socket, int family) {
  DumpRequest request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<std::uint8_t>(family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1U << TCP_LISTEN;  // listeners lie in a table of their own: TIME_WAITs are not walked
  if (::send(socket, &request, sizeof request, 0) < 0) return tl::unexpected(errno);
  return {};
}

int error_of(const nlmsghdr& message) {
  const auto* error = static_cast<const nlmsgerr*>(NLMSG_DATA(&message));
  return error->error == 0 ? EPROTO : -error->error;
}

// One datagram of answers. true: the dump is complete.
OrErrno<bool> take(const char* bytes, std::size_t length, std::vector<int>& ports) {
  const auto* message = reinterpret_cast<const nlmsghdr*>(bytes);  // the form of netlink(7)
  for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
    if (message->nlmsg_type == NLMSG_DONE) return true;
    if (message->nlmsg_type == NLMSG_ERROR) return tl::unexpected(error_of(*message));
    const auto* socket = static_cast<const inet_diag_msg*>(NLMSG_DATA(message));
    ports.push_back(ntohs(socket->id.idiag_sport));
  }
  return false;
}

OrErrno<void> receive(int socket, std::vector<int>& ports) {
  alignas(nlmsghdr) std::array<char, 16384> buffer;
  while (true) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return tl::unexpected(got < 0 ? errno : EPROTO);
    const auto done = take(buffer.data(), static_cast<std::size_t>(got), ports);
    if (!done) return tl::unexpected(done.error());
    if (*done) return {};
  }
}

OrErrno<std::vector<int>> ports_by_netlink() {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return tl::unexpected(errno);
  std::vector<int> ports;
  for (const int family : {AF_INET, AF_INET6}) {
    auto done = ask(socket.get(), family);
    if (done) done = receive(socket.get(), ports);
    if (!done) return tl::unexpected(done.error());
  }
  return ports;
}

// "   0: 0100007F:1F90 00000000:0000 0A ...": the local port after the colon, 0A is LISTEN.
void take_line(std::string_view line, std::vector<int>& ports) {
  const auto fields = words(line);
  if (fields.size() < 4 || fields[3] != "0A") return;
  const std::string_view port = fields[1].substr(fields[1].rfind(':') + 1);
  int number = 0;
  if (std::from_chars(port.data(), port.data() + port.size(), number, 16).ec == std::errc{}) ports.push_back(number);
}

OrErrno<void> take_table(const char* path, std::vector<int>& ports) {
  const Descriptor file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return tl::unexpected(errno);
  const auto text = read_bytes(file.get(), kLargestTable);
  if (!text) return tl::unexpected(text.error());
  for (const std::string_view line : split(*text, '\n')) take_line(line, ports);
  return {};
}

// thread-self, because /proc/net follows the process's first thread and not the namespace entered.
OrErrno<std::vector<int>> ports_by_table() {
  std::vector<int> ports;
  if (auto done = take_table("/proc/thread-self/net/tcp", ports); !done) return tl::unexpected(done.error());
  (void)take_table("/proc/thread-self/net/tcp6", ports);  // a kernel without IPv6 has none
  return ports;
}

}  // namespace

Result<std::vector<int>> find_listening_ports() {
  auto ports = ports_by_netlink();
  if (!ports) ports = ports_by_table();
  if (!ports) return fail(ErrorCode::unsupported, "cannot list listening sockets: " + system_says(ports.error()));
  std::sort(ports->begin(), ports->end());
  ports->erase(std::unique(ports->begin(), ports->end()), ports->end());
  return *std::move(ports);
}

}  // namespace twctl
