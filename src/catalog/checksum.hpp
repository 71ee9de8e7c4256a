// A table of the catalogue -> a number that changes with what it says. The compiler counts it: the tables are long, and
// each report is stamped with it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/crc32.hpp"
#include "catalog/finding.hpp"
#include "catalog/setting.hpp"

namespace twctl {

// `sum`: of what comes before.
constexpr std::uint32_t checksum_with(std::string_view text, std::uint32_t sum) { return crc32(";", crc32(text, sum)); }

constexpr std::uint32_t checksum_with(std::int64_t number, std::uint32_t sum) {
  return crc32(";", sum ^ static_cast<std::uint32_t>(number) ^ static_cast<std::uint32_t>(number >> 32));
}

constexpr std::uint32_t checksum(std::span<const Setting> rows) {
  std::uint32_t sum = 0;
  for (const Setting& row : rows) {
    sum = checksum_with(row.key, sum);
    sum = checksum_with(row.accepted.min, sum);
    sum = checksum_with(row.accepted.max, sum);
    sum = checksum_with(row.does, sum);
  }
  return sum;
}

constexpr std::uint32_t checksum(std::span<const FindingRow> rows) {
  std::uint32_t sum = 0;
  for (const FindingRow& row : rows) {
    sum = checksum_with(static_cast<std::int64_t>(row.severity), sum);
    for (const std::string_view text : {row.id, row.summary, row.meaning, row.advice}) sum = checksum_with(text, sum);
  }
  return sum;
}

}  // namespace twctl
