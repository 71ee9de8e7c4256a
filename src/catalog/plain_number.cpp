#include "catalog/plain_number.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace twctl {
namespace {

constexpr std::string_view kDigits = "0123456789";

std::string_view without_sign(std::string_view word) { return word.starts_with('-') ? word.substr(1) : word; }

bool is_quote(char c) { return c == '"' || c == '\''; }

// The whole of `digits` in that base.
std::optional<std::uint64_t> in_base(std::string_view digits, int base) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// How another reader takes what is not plain decimal: the kernel reads numbers in base 0, as strtoul does.
std::string read_as(std::string_view word, std::uint64_t number, Os os) {
  const std::string_view sign = word.starts_with('-') ? "-" : "";
  if (os == Os::windows) return fmt::format("in decimal that is {}{}", sign, number);
  return fmt::format("the kernel would read {}{}", sign, number);
}

std::string refused(Os os) { return os == Os::windows ? "that is no number" : "the kernel refuses that"; }

std::optional<Fault> hexadecimal(std::string_view word, Os os) {
  const std::string_view digits = without_sign(word);
  if (!digits.starts_with("0x") && !digits.starts_with("0X")) return std::nullopt;
  const std::optional<std::uint64_t> number = in_base(digits.substr(2), 16);
  if (!number) return std::nullopt;
  return Fault{0, fmt::format("{} is hexadecimal; {}", escape(word), read_as(word, *number, os))};
}

std::optional<Fault> leading_zero(std::string_view word, Os os) {
  const std::string_view digits = without_sign(word);
  if (digits.size() < 2 || digits.front() != '0') return std::nullopt;
  if (digits.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> number = in_base(digits, 8);
  const std::string octal = number && os != Os::windows ? fmt::format("octal to the kernel, which would read {}{}",
                                                                      word.starts_with('-') ? "-" : "", *number)
                                                        : "not plain decimal";
  return Fault{0, fmt::format("{} has a leading zero: {}", escape(word), octal)};
}

std::optional<Fault> quoted(std::string_view word, Os os) {
  if (!is_quote(word.front()) && !is_quote(word.back())) return std::nullopt;
  const std::size_t at = is_quote(word.front()) ? 0 : word.size() - 1;
  return Fault{at, fmt::format("{} has quotes; {}", escape(word), refused(os))};
}

std::optional<Fault> plus_sign(std::string_view word, Os os) {
  if (!word.starts_with('+')) return std::nullopt;
  return Fault{0, fmt::format("{} has a plus sign; {}", escape(word), refused(os))};
}

std::string what_is(std::string_view rest) {
  const CodePoint point = decode_utf8(rest);
  if (!point.valid) return fmt::format("the byte {} is not UTF-8", escape(rest.substr(0, 1)));
  const std::string name = code_point_name(point.value);
  if (point.value >= 0xFF10 && point.value <= 0xFF19) return name + " is a full-width digit, not one of 0-9";
  if (is_invisible_or_bidi(point.value)) return name + " is an invisible character";
  if (point.value == 0xA0) return name + " is a no-break space, not a blank";
  if (point.value == 0x2212) return name + " is a minus sign of typography, not '-'";
  if (point.value < 0x20 || point.value >= 0x7F) return name + " is not a digit";
  return fmt::format("'{}' is not a digit", rest.front());
}

// Whatever else stands where a digit belongs: "60s", "5.", "5e3", "1,024", "true", a full-width digit.
Fault not_a_digit(std::string_view word) {
  const std::size_t sign = word.size() - without_sign(word).size();
  const std::size_t at = word.find_first_not_of(kDigits, sign);
  if (at == std::string_view::npos) return Fault{0, fmt::format("{} is not a number", escape(word))};
  return Fault{at, fmt::format("{} is not a whole number: {}", escape(word), what_is(word.substr(at)))};
}

}  // namespace

tl::expected<std::int64_t, Fault> plain_number(std::string_view word, Os os) {
  if (word.empty()) return tl::unexpected(Fault{0, "a number is missing"});
  if (const std::optional<std::int64_t> number = parse_decimal(word)) return *number;
  for (const auto& fault_of : {quoted, plus_sign, hexadecimal, leading_zero}) {
    if (std::optional<Fault> fault = fault_of(word, os)) return tl::unexpected(*std::move(fault));
  }
  if (word == "-0") return tl::unexpected(Fault{0, "-0 is not plain decimal"});
  const std::string_view digits = without_sign(word);
  const bool too_large = is_digits(digits);
  if (!too_large) return tl::unexpected(not_a_digit(word));
  using Limits = std::numeric_limits<std::int64_t>;
  return word.starts_with('-') ? Limits::min() : Limits::max();
}

}  // namespace twctl
