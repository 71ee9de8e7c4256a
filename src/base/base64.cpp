#include "base/base64.hpp"

#include <cstddef>
#include <cstdint>

namespace twctl {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kGroup = 4;  // digits that stand for three bytes

std::uint32_t octet_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

// The digits of one group as a number; nullopt if one is none. '=' counts as zero.
std::optional<std::uint32_t> number_of(std::string_view group) {
  std::uint32_t number = 0;
  for (const char c : group) {
    const std::size_t digit = c == '=' ? 0 : kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number << 6U | static_cast<std::uint32_t>(digit);
  }
  return number;
}

// 0 to 2; only the last group of a text may have any.
std::size_t padding_of(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t number = octet_at(bytes, at) << 16U | octet_at(bytes, at + 1) << 8U | octet_at(bytes, at + 2);
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[number >> static_cast<unsigned>(shift) & 63U];
  }
  const std::size_t missing = (3 - bytes.size() % 3) % 3;
  return text.replace(text.size() - missing, missing, missing, '=');
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % kGroup != 0) return std::nullopt;
  std::string bytes;
  const std::size_t padding = padding_of(text);
  for (std::size_t at = 0; at < text.size(); at += kGroup) {
    const auto number = number_of(text.substr(at, kGroup));
    if (!number) return std::nullopt;
    for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(*number >> shift & 0xFFU);
  }
  bytes.resize(bytes.size() - padding);
  return to_base64(bytes) == text ? std::optional(bytes) : std::nullopt;  // so '=' within and stray bits are refused
}

}  // namespace twctl
