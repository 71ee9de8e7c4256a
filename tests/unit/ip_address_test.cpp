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

TEST_CASE("an address is read as it is written, and in no other way") {
  for (const IpAddress& address : {ipv4_address(10, 0, 0, 5), ipv4_address(255, 255, 255, 255), IpAddress{},
                                   ipv6({0, 0, 0, 0, 0, 0, 0, 1}), ipv6({0x2001, 0xdb8, 0, 0, 1, 0, 0, 1}),
                                   ipv6({0x2001, 0xdb8, 0, 1, 1, 1, 1, 1}), ipv6({0xfe80, 0, 0, 0, 0, 0, 0, 0})}) {
    CHECK(parse_ip_address(to_text(address)) == address);
  }
  for (const char* wrong :
       {"", "10.0.0", "10.0.0.256", "10.0.0.5 ", "010.0.0.5", "1.2.3.4.5", "1:2:3:4:5:6:7", ":1", ":::", "1::2::3",
        "2001:DB8::1", "0:0:0:0:0:0:0:1", "1:2:3:4:5:6:7:8:9", "g::", "fe80::%lo", "10000::", "::ffff:10.0.0.5"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_ip_address(wrong).has_value());
  }
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
