#include "base/ip_address.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

IpAddress ipv6(std::initializer_list<unsigned> groups) {
  IpAddress address;
  std::size_t at = 0;
  for (const unsigned group : groups) {
    address.bytes.at(at++) = static_cast<std::uint8_t>(group >> 8U);
    address.bytes.at(at++) = static_cast<std::uint8_t>(group & 0xffU);
  }
  return address;
}

}  // namespace

TEST_CASE("addresses are written as RFC 5952 writes them") {
  CHECK(to_text(ipv4_address(10, 0, 0, 5)) == "10.0.0.5");
  CHECK(to_text(IpAddress{}) == "::");
  CHECK(to_text(ipv6({0, 0, 0, 0, 0, 0, 0, 1})) == "::1");
  CHECK(to_text(ipv6({0x2001, 0xdb8, 0, 0, 1, 0, 0, 1})) == "2001:db8::1:0:0:1");
  CHECK(to_text(ipv6({0x2001, 0xdb8, 0, 1, 1, 1, 1, 1})) == "2001:db8:0:1:1:1:1:1");
  CHECK(to_text(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 0})) == "fe80::");
  CHECK(to_text(ipv4_address(10, 0, 0, 5), 443) == "10.0.0.5:443");
  CHECK(to_text(ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 1}), 80) == "[fe80::1]:80");
}

TEST_CASE("wildcards and loopback are known in both families") {
  CHECK(is_any(IpAddress{}));
  CHECK(is_any(ipv4_address(0, 0, 0, 0)));
  CHECK_FALSE(is_any(ipv4_address(0, 0, 0, 1)));
  CHECK(is_loopback(ipv4_address(127, 9, 9, 9)));
  CHECK(is_loopback(ipv6({0, 0, 0, 0, 0, 0, 0, 1})));
  CHECK_FALSE(is_loopback(ipv4_address(10, 0, 0, 1)));
  CHECK_FALSE(is_loopback(IpAddress{}));
}
