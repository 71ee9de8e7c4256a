// An IP address of either family as one value, and its text. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twctl {

// In network order. An IPv4 address is ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2), so that a peer is the same peer on
// an IPv6 socket that serves both families.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

[[nodiscard]] IpAddress ipv4_address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
[[nodiscard]] bool is_ipv4(const IpAddress& address);
[[nodiscard]] bool is_any(const IpAddress& address);       // 0.0.0.0 or ::
[[nodiscard]] bool is_loopback(const IpAddress& address);  // 127/8 or ::1

// "10.0.0.5", "2001:db8::1" (RFC 5952).
[[nodiscard]] std::string to_text(const IpAddress& address);

// What to_text() writes, and nothing else.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);

// "10.0.0.5:443", "[2001:db8::1]:443".
[[nodiscard]] std::string to_text(const IpAddress& address, std::uint16_t port);

}  // namespace twctl
