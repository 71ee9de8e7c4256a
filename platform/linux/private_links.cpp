#include "platform/linux/private_links.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

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

nfgenmsg body_for(std::uint8_t family, std::uint16_t resource = 0) {
  return {.nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource)};
}

Request of_tables(std::uint16_t type, std::uint16_t flags = NLM_F_CREATE) {
  const auto whole = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES * 256 + type);
  return {whole, flags, body_for(AF_INET)};
}

// nf_tables takes its requests as one, between a begin and an end; each has its answer at once.
OrErrno<void> carry_out_as_one(std::span<Request> requests) {
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  std::vector<char> all;
  for (Request& one : requests) all.insert(all.end(), one.bytes().begin(), one.bytes().end());
  if (!socket || ::send(socket.get(), all.data(), all.size(), 0) < 0) return tl::unexpected(errno);
  alignas(nlmsghdr) std::array<char, 2 * kMostBytes> answer{};
  for (ssize_t got = 0; (got = ::recv(socket.get(), answer.data(), answer.size(), MSG_DONTWAIT)) > 0;) {
    nlmsghdr header = {};
    nlmsgerr error = {};
    std::memcpy(&header, answer.data(), sizeof header);
    std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
    if (header.nlmsg_type == NLMSG_ERROR && error.error != 0) return tl::unexpected(-error.error);
  }
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

OrErrno<void> track_flows() {
  const std::string name = "trial";
  Request table = of_tables(NFT_MSG_NEWTABLE);
  table.attribute(NFTA_TABLE_NAME, name);
  Request chain = of_tables(NFT_MSG_NEWCHAIN);
  chain.attribute(NFTA_CHAIN_TABLE, name);
  chain.attribute(NFTA_CHAIN_NAME, name);
  Request rule = of_tables(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  rule.attribute(NFTA_RULE_TABLE, name);
  rule.attribute(NFTA_RULE_CHAIN, name);
  const std::size_t expressions = rule.begin(NFTA_RULE_EXPRESSIONS | NLA_F_NESTED);
  const std::size_t expression = rule.begin(NFTA_LIST_ELEM | NLA_F_NESTED);
  rule.attribute(NFTA_EXPR_NAME, "ct");
  const std::size_t data = rule.begin(NFTA_EXPR_DATA | NLA_F_NESTED);
  const std::uint32_t key = htonl(NFT_CT_STATE);
  const std::uint32_t into = htonl(NFT_REG_1);
  rule.attribute(NFTA_CT_KEY, &key, sizeof key);
  rule.attribute(NFTA_CT_DREG, &into, sizeof into);
  for (const std::size_t at : {data, expression, expressions}) rule.end(at);
  std::array all{Request(NFNL_MSG_BATCH_BEGIN, 0, body_for(AF_UNSPEC, NFNL_SUBSYS_NFTABLES)), table, chain, rule,
                 Request(NFNL_MSG_BATCH_END, 0, body_for(AF_UNSPEC, NFNL_SUBSYS_NFTABLES))};
  return carry_out_as_one(all);
}

}  // namespace twctl
