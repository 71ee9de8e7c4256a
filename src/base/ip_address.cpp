#include "base/ip_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::size_t kGroups = 8;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

unsigned group(const IpAddress& address, std::size_t index) {
  return static_cast<unsigned>(address.bytes.at(2 * index)) << 8U | address.bytes.at(2 * index + 1);
}

struct Run {
  std::size_t start = 0;
  std::size_t length = 0;
};

// The first of the longest runs of zero groups; RFC 5952 does not shorten a single one.
Run longest_zero_run(const IpAddress& address) {
  Run longest;
  for (std::size_t at = 0; at < kGroups; ++at) {
    std::size_t end = at;
    while (end < kGroups && group(address, end) == 0) ++end;
    if (end - at > longest.length) longest = {at, end - at};
    at = std::max(at, end);
  }
  return longest.length > 1 ? longest : Run{};
}

std::string groups_text(const IpAddress& address, std::size_t from, std::size_t to) {
  std::string text;
  for (std::size_t at = from; at < to; ++at) text += fmt::format("{}{:x}", at == from ? "" : ":", group(address, at));
  return text;
}

using Groups = std::vector<unsigned>;

// "2001:db8", or "10.0.0.5" with points and decimal numbers. Empty for "".
std::optional<Groups> numbers_of(std::string_view text, char separator, int base) {
  Groups numbers;
  if (text.empty()) return numbers;
  for (const std::string_view part : split(text, separator)) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number, base);
    if (error != std::errc{} || end != part.data() + part.size() || number > 0xffff) return std::nullopt;
    numbers.push_back(number);
  }
  return numbers;
}

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  const auto bytes = numbers_of(text, '.', 10);
  if (!bytes || bytes->size() != 4) return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>((*bytes)[at]); };
  return ipv4_address(byte(0), byte(1), byte(2), byte(3));
}

std::optional<IpAddress> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  auto head = numbers_of(text.substr(0, gap), ':', 16);
  const auto tail = numbers_of(gap == std::string_view::npos ? "" : text.substr(gap + 2), ':', 16);
  if (!head || !tail || head->size() + tail->size() > kGroups) return std::nullopt;
  head->resize(kGroups - tail->size());
  head->insert(head->end(), tail->begin(), tail->end());
  IpAddress address;
  for (std::size_t at = 0; at < kGroups; ++at) {
    address.bytes.at(2 * at) = static_cast<std::uint8_t>((*head)[at] >> 8U);
    address.bytes.at(2 * at + 1) = static_cast<std::uint8_t>((*head)[at] & 0xffU);
  }
  return address;
}

}  // namespace

// Whatever was too lenient in the reading shows in the writing.
std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const auto address = text.find(':') == std::string_view::npos ? parse_ipv4(text) : parse_ipv6(text);
  return address && to_text(*address) == text ? address : std::nullopt;
}

IpAddress ipv4_address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  IpAddress address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes.begin());
  address.bytes[12] = a;
  address.bytes[13] = b;
  address.bytes[14] = c;
  address.bytes[15] = d;
  return address;
}

bool is_ipv4(const IpAddress& address) { return std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin()); }

bool is_any(const IpAddress& address) {
  const auto first = address.bytes.begin() + (is_ipv4(address) ? kMapped.size() : 0);
  return std::all_of(first, address.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool is_loopback(const IpAddress& address) {
  if (is_ipv4(address)) return address.bytes[12] == 127;
  IpAddress one;
  one.bytes[15] = 1;
  return address == one;
}

std::string to_text(const IpAddress& address) {
  const auto& b = address.bytes;
  if (is_ipv4(address)) return fmt::format("{}.{}.{}.{}", b[12], b[13], b[14], b[15]);
  const Run zeros = longest_zero_run(address);
  if (zeros.length == 0) return groups_text(address, 0, kGroups);
  return groups_text(address, 0, zeros.start) + "::" + groups_text(address, zeros.start + zeros.length, kGroups);
}

std::string to_text(const IpAddress& address, std::uint16_t port) {
  return is_ipv4(address) ? fmt::format("{}:{}", to_text(address), port)
                          : fmt::format("[{}]:{}", to_text(address), port);
}

}  // namespace twctl
