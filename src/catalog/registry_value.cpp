#include "catalog/registry_value.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::uint32_t kDword = 4;
constexpr std::size_t kDwordBytes = 4;
constexpr std::string_view kBegin = "hex(";
constexpr std::string_view kMiddle = "):";

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8U | static_cast<std::uint8_t>(bytes[i]);
  return number;
}

RegistryBytes dword(std::uint32_t number) {
  RegistryBytes value{.type = kDword, .bytes = {}};
  for (std::size_t i = 0; i < kDwordBytes; ++i) value.bytes += static_cast<char>(number >> 8U * i & 0xFFU);
  return value;
}

std::optional<std::string> bytes_of(std::string_view list) {
  std::string bytes;
  if (list.empty()) return bytes;
  for (const std::string_view item : split(list, ',')) {
    const auto byte = item.size() == 2 ? parse_whole<std::uint32_t>(item, 16) : std::nullopt;
    if (!byte) return std::nullopt;
    bytes += static_cast<char>(*byte);
  }
  return bytes;
}

std::optional<RegistryBytes> spelled(std::string_view text) {
  const std::size_t middle = text.find(kMiddle);
  if (!text.starts_with(kBegin) || middle == std::string_view::npos) return std::nullopt;
  const auto type = parse_whole<std::uint32_t>(text.substr(kBegin.size(), middle - kBegin.size()), 16);
  auto bytes = bytes_of(text.substr(middle + kMiddle.size()));
  if (!type || !bytes) return std::nullopt;
  return RegistryBytes{.type = *type, .bytes = *std::move(bytes)};
}

}  // namespace

Value to_value(const RegistryBytes& value) {
  if (value.type == kDword && value.bytes.size() == kDwordBytes) return std::to_string(little_endian(value.bytes));
  Value text = fmt::format("{}{:x}{}", kBegin, value.type, kMiddle);
  for (std::size_t i = 0; i < value.bytes.size(); ++i) {
    text += fmt::format("{}{:02x}", i == 0 ? "" : ",", static_cast<std::uint8_t>(value.bytes[i]));
  }
  return text;
}

std::optional<RegistryBytes> to_registry(std::string_view value) {
  const std::optional<std::int64_t> number = parse_decimal(value);
  if (!number) return spelled(value);
  if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return dword(static_cast<std::uint32_t>(*number));
}

}  // namespace twctl
