#include "platform/linux/private_links.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "platform/posix/descriptor.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostBytes = 512;

// One request: a header, a body, attributes, some of which hold others.
class Request {
 public:
  template <class Body>
  Request(std::uint16_t type, std::uint16_t flags, const Body& body) {
    nlmsghdr header = {};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    add(&header, sizeof header);
    add(&body, sizeof body);
  }

  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const std::size_t at = begin(type);
    add(data, size);
    end(at);
  }
  void attribute(std::uint16_t type, const std::string& text) { attribute(type, text.c_str(), text.size() + 1); }

  template <class Body>
  void raw(const Body& body) {
    add(&body, sizeof body);
  }

  // An attribute whose content follows, up to its end().
  std::size_t begin(std::uint16_t type) {
    const std::size_t at = size_;
    const rtattr header = {.rta_len = 0, .rta_type = type};
    add(&header, sizeof header);
    return at;
  }
  void end(std::size_t at) {
    const auto length = static_cast<std::uint16_t>(size_ - at);
    std::memcpy(bytes_.data() + at, &length, sizeof length);
    size_ = NLMSG_ALIGN(size_);
  }

  std::span<const char> bytes() {
    const auto length = static_cast<std::uint32_t>(size_);
    std::memcpy(bytes_.data(), &length, sizeof length);
    return std::span(bytes_).first(size_);
  }

 private:
  void add(const void* data, std::size_t size) {
    std::memcpy(bytes_.data() + size_, data, size);
    size_ += size;
  }

  alignas(nlmsghdr) std::array<char, kMostBytes> bytes_{};
  std::size_t size_ = 0;
};

OrErrno<void> carry_out(Request& request) {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  const std::span<const char> bytes = request.bytes();
  if (!socket || ::send(socket.get(), bytes.data(), bytes.size(), 0) < 0) return tl::unexpected(errno);
  struct Answer {
    nlmsghdr header;
    nlmsgerr error;
    std::array<char, kMostBytes> rest;
  } answer = {};
  if (::recv(socket.get(), &answer, sizeof answer, 0) < 0) return tl::unexpected(errno);
  if (answer.header.nlmsg_type != NLMSG_ERROR) return tl::unexpected(EPROTO);
  if (answer.error.error != 0) return tl::unexpected(-answer.error.error);
  return {};
}

}  // namespace

OrErrno<void> add_veth_to(int peer, const std::string& name) {
  const ifinfomsg link = {};
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link);
  request.attribute(IFLA_IFNAME, name);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, "veth");
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t other_end = request.begin(VETH_INFO_PEER);
  request.raw(link);
  request.attribute(IFLA_IFNAME, name);
  const auto process = static_cast<std::uint32_t>(peer);
  request.attribute(IFLA_NET_NS_PID, &process, sizeof process);
  request.end(other_end);
  request.end(data);
  request.end(info);
  return carry_out(request);
}

// Without IFA_F_NODAD an IPv6 address could not be used for a second.
OrErrno<void> add_address(const std::string& name, const IpAddress& address) {
  const bool ipv4 = is_ipv4(address);
  ifaddrmsg body = {};
  body.ifa_family = ipv4 ? AF_INET : AF_INET6;
  body.ifa_prefixlen = ipv4 ? 24 : 64;
  body.ifa_index = ::if_nametoindex(name.c_str());
  if (body.ifa_index == 0) return tl::unexpected(errno);
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body);
  const std::uint8_t* bytes = address.bytes.data() + (ipv4 ? 12 : 0);
  const std::size_t size = ipv4 ? 4 : 16;
  request.attribute(IFA_LOCAL, bytes, size);
  request.attribute(IFA_ADDRESS, bytes, size);
  const std::uint32_t flags = IFA_F_NODAD;
  if (!ipv4) request.attribute(IFA_FLAGS, &flags, sizeof flags);
  return carry_out(request);
}

OrErrno<void> bring_up(const std::string& name) {
  ifinfomsg link = {};
  link.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
  if (link.ifi_index == 0) return tl::unexpected(errno);
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  Request request(RTM_NEWLINK, 0, link);
  return carry_out(request);
}

}  // namespace twctl
