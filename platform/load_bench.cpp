#include "platform/load_bench.hpp"

namespace twctl {
namespace {

IpAddress ipv6_address(std::uint8_t first, std::uint8_t second, std::uint8_t last) {
  IpAddress address;
  address.bytes.front() = first;
  address.bytes[1] = second;
  address.bytes.back() = last;
  return address;
}

}  // namespace

LoadAddresses addresses_of(const Load& load) {
  if (load.loopback && load.ipv6) return {ipv6_address(0, 0, 1), ipv6_address(0, 0, 1)};
  if (load.loopback) return {ipv4_address(127, 0, 0, 1), ipv4_address(127, 0, 0, 1)};
  if (load.ipv6) return {ipv6_address(0xfd, 0, 1), ipv6_address(0xfd, 0, 2)};
  return {ipv4_address(10, 0, 0, 1), ipv4_address(10, 0, 0, 2)};
}

}  // namespace twctl
