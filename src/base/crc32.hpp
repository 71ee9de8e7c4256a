// Bytes -> CRC-32 (IEEE 802.3, as in zlib and gzip). Tells damage, not malice.
#pragma once

#include <cstdint>
#include <string_view>

namespace twctl {

[[nodiscard]] constexpr std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

static_assert(crc32("123456789") == 0xCBF43926U, "the check value of CRC-32/ISO-HDLC");

}  // namespace twctl
