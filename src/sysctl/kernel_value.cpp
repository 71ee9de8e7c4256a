#include "sysctl/kernel_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/older_ranges.hpp"

namespace twctl {
namespace {

// kernel/sysctl.c looks at this many characters of a number at most (TMPBUFLEN - 1), and refuses one as long as that.
constexpr std::size_t kNumberWindow = 21;
constexpr std::string_view kNumberEnds = " \t\n";
constexpr std::int64_t kMostPorts = 65536;

// It takes a list of ports in pieces of a page less one byte, whole items only. What becomes of the rest is the
// loader's doing: procps 4.0.2 drops it, systemd 252 writes on and may cut a number in two. Measured.
constexpr std::size_t kListWindow = 4095;

// The kernel's isspace() is Latin-1: it also skips 0xa0 in front of a number.
bool kernel_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0'; }

std::string_view skip_blanks(std::string_view text) {
  while (!text.empty() && kernel_blank(text.front())) text.remove_prefix(1);
  return text;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

unsigned base_of(std::string_view text) {
  if (!text.starts_with('0')) return 10;
  const bool x = text.size() > 2 && (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16;
  return x ? 16 : 8;
}

struct Number {
  std::uint64_t magnitude = 0;
  bool negative = false;
  std::string_view text = {};  // as written
  std::string_view rest = {};  // what follows it
  [[nodiscard]] std::int64_t value() const {
    const auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto value = static_cast<std::int64_t>(std::min(magnitude, limit));
    return negative ? -value : value;
  }
};

// A number in base 0 at the front of `text` that one of `ends` follows, as proc_get_long() takes it.
std::optional<Number> take_number(std::string_view text, std::string_view ends) {
  const std::string_view window = text.substr(0, kNumberWindow);
  std::size_t at = window.starts_with('-') ? 1 : 0;
  Number number{.negative = at == 1};
  if (at >= window.size() || digit_value(window[at]) > 9) return std::nullopt;
  const unsigned base = base_of(window.substr(at));
  if (base == 16) at += 2;
  for (; at < window.size() && digit_value(window[at]) < static_cast<int>(base); ++at) {
    const auto digit = static_cast<std::uint64_t>(digit_value(window[at]));
    if (number.magnitude > (std::numeric_limits<std::uint64_t>::max() - digit) / base) return std::nullopt;
    number.magnitude = number.magnitude * base + digit;
  }
  if (at == kNumberWindow) return std::nullopt;
  if (at < text.size() && ends.find(text[at]) == std::string_view::npos) return std::nullopt;
  number.text = text.substr(0, at);
  number.rest = text.substr(at);
  return number;
}

KernelOutcome refused(std::string why) { return {.value = std::nullopt, .note = std::move(why)}; }

KernelOutcome not_a_number(std::string_view written) {
  if (skip_blanks(written).empty()) return refused("an empty value is refused");
  return refused(in_quotes(written) + " is not a number to the kernel");
}

bool inside(const Range& range, std::int64_t value) { return value >= range.min && value <= range.max; }

KernelOutcome outside(const Range& range, const Number& number) {
  return refused(fmt::format("{} is outside {} to {}", number.text, range.min, range.max));
}

// Values of one byte go through an unsigned handler, which refuses every minus sign, "-0" too.
bool refuses_sign(const Range& range) { return range.min >= 0 && range.max <= 255; }

// "020 is octal: 16". "" for a number that is what it looks like.
std::string base_note(const Number& number) {
  const std::string_view digits = number.text.substr(number.negative ? 1 : 0);
  const unsigned base = base_of(digits);
  if (base == 10 || digits == "0") return {};
  return fmt::format("{} is {}: {}", number.text, base == 16 ? "hexadecimal" : "octal", number.value());
}

std::string tail_note(std::string_view written, std::string_view rest, std::string_view value) {
  if (skip_blanks(rest).empty()) return {};
  return fmt::format("{} is read as {}", in_quotes(written), value);
}

std::string join_notes(std::initializer_list<std::string> notes) {
  std::string joined;
  for (const std::string& note : notes) {
    if (!note.empty()) joined.append(joined.empty() ? "" : "; ").append(note);
  }
  return joined;
}

KernelOutcome takes_integer(const Range& range, std::string_view written) {
  const std::optional<Number> number = take_number(skip_blanks(written), kNumberEnds);
  if (!number) return not_a_number(written);
  const bool bad_sign = number->negative && refuses_sign(range);
  if (bad_sign || !inside(range, number->value())) return outside(range, *number);
  const Value value = std::to_string(number->value());
  return {.value = value, .note = join_notes({base_note(*number), tail_note(written, number->rest, value)})};
}

KernelOutcome takes_pair(const Setting& setting, std::string_view written, const Value& before) {
  const std::optional<Number> first = take_number(skip_blanks(written), kNumberEnds);
  if (!first) return not_a_number(written);
  const std::string_view rest = skip_blanks(first->rest);
  const std::optional<Number> second = rest.empty() ? std::nullopt : take_number(rest, kNumberEnds);
  if (!second && !rest.empty()) return not_a_number(written);
  if (!inside(setting.kernel_accepts, first->value())) return outside(setting.kernel_accepts, *first);
  if (second && !inside(setting.kernel_accepts, second->value())) return outside(setting.kernel_accepts, *second);

  const auto old = as_pair(before);
  if (!second && !old) return refused("one number changes the low end only, and the high end is not known");
  const std::int64_t high = second ? second->value() : old->second;
  const Value value = fmt::format("{} {}", first->value(), high);
  if (first->value() > high) return refused(fmt::format("{} is above {}", first->value(), high));
  if (!second)
    return {.value = value,
            .note = join_notes({base_note(*first), fmt::format("one number changes the low end only: {}", value)})};
  return {.value = value,
          .note = join_notes({base_note(*first), base_note(*second), tail_note(written, second->rest, value)})};
}

// Each number is taken as it comes: what stands before one that is refused has changed already.
KernelOutcome takes_triple(const Setting& setting, std::string_view written, const Value& before) {
  const std::vector<std::string_view> old = words(before);
  std::vector<std::string> values(old.begin(), old.end());
  std::size_t taken = 0;
  std::string_view rest = skip_blanks(written);
  for (; taken < 3 && !rest.empty(); ++taken) {
    const std::optional<Number> number = take_number(rest, kNumberEnds);
    const bool fits = number && !number->negative && inside(setting.kernel_accepts, number->value());
    if (!fits && taken == 0) return not_a_number(written);
    if (!fits) break;
    if (values.size() <= taken) values.emplace_back();
    values[taken] = std::to_string(number->value());
    rest = skip_blanks(number->rest);
  }
  if (taken == 0) return not_a_number(written);
  if (values.size() != 3)
    return refused("fewer than three numbers change the first only, and the others are not known");
  const Value value = values[0] + " " + values[1] + " " + values[2];
  const std::string fewer = taken < 3 ? fmt::format("the kernel takes {} of three numbers: {}", taken, value) : "";
  return {.value = value, .note = join_notes({fewer, taken == 3 ? tail_note(written, rest, value) : ""})};
}

// "1-5" or "7" at the front of `rest`, with the comma after it: taken off. nullopt: the kernel refuses the list.
std::optional<PortRange> take_ports(std::string_view& rest) {
  const std::optional<Number> first = take_number(rest, "-,\n");
  if (!first) return std::nullopt;
  std::optional<Number> last = first;
  if (first->rest.starts_with('-')) last = take_number(first->rest.substr(1), ",\n");
  if (!last || first->negative || last->negative) return std::nullopt;
  if (last->value() >= kMostPorts || first->value() > last->value()) return std::nullopt;
  rest = last->rest.substr(std::min<std::size_t>(1, last->rest.size()));
  return PortRange{.first = static_cast<int>(first->value()), .last = static_cast<int>(last->value())};
}

KernelOutcome takes_ports(std::string_view written) {
  std::string note;
  if (written.size() >= kListWindow) {
    written = written.substr(0, written.rfind(',', kListWindow - 1));
    note = fmt::format("only the first {} bytes of this list are sure to be read", written.size());
  }
  PortSet ports;
  for (std::string_view rest = written; !rest.empty();) {
    const std::optional<PortRange> range = take_ports(rest);
    if (!range) return refused(in_quotes(written) + " is not a list of ports to the kernel");
    ports.push_back(*range);
  }
  return {.value = print_ports(unite({}, ports)), .note = std::move(note)};
}

}  // namespace

KernelOutcome kernel_takes(const Setting& setting, std::string_view written, const Value& before,
                           KernelVersion kernel) {
  switch (setting.type) {
    case ValueType::integer_pair:
      return takes_pair(setting, written, before);
    case ValueType::integer_triple:
      return takes_triple(setting, written, before);
    case ValueType::port_set:
      return takes_ports(written);
    case ValueType::integer:
    case ValueType::enumeration:
      break;
  }
  return takes_integer(taken_on(setting, kernel), written);
}

}  // namespace twctl
