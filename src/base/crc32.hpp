// Bytes -> CRC-32 (IEEE 802.3, as in zlib and gzip). It shows damage, but no forgery.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace twctl {

// The remainder of each single byte, so that a byte costs one step and not eight.
inline constexpr std::array<std::uint32_t, 256> kCrc32OfByte = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    auto crc = static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    table[byte] = crc;
  }
  return table;
}();

// `before`: of the bytes that come before these.
[[nodiscard]] constexpr std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) {
  std::uint32_t crc = ~before;
  for (const char byte : bytes) crc = (crc >> 8U) ^ kCrc32OfByte[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
  return ~crc;
}

static_assert(crc32("123456789") == 0xCBF43926U, "the check value of CRC-32/ISO-HDLC");
static_assert(crc32("6789", crc32("12345")) == 0xCBF43926U);

}  // namespace twctl
