#include "catalog/value.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/plain_number.hpp"

namespace twctl {
namespace {

template <class T>
using Judged = tl::expected<T, Fault>;

bool inside(const Range& range, std::int64_t number) { return number >= range.min && number <= range.max; }

std::size_t offset_of(std::string_view part, std::string_view whole) {
  return static_cast<std::size_t>(part.data() - whole.data());
}

std::string listed(std::span<const Meaning> meanings) {
  std::string text;
  for (const Meaning& meaning : meanings) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", meaning.value, meaning.text);
  }
  return text;
}

// What may be written, for the hint of every error.
std::string expectation(const Setting& setting) {
  const auto [min, max] = setting.accepted;
  switch (setting.type) {
    case ValueType::integer:
      return fmt::format("accepted: {} to {}{}{}, in plain decimal", min, max, setting.unit.empty() ? "" : " ",
                         setting.unit);
    case ValueType::enumeration:
      return "accepted: " + listed(setting.meanings);
    case ValueType::integer_pair:
      return fmt::format("accepted: two numbers from {} to {}, the lower one first, as in \"32768 60999\"", min, max);
    case ValueType::integer_triple:
      return fmt::format("accepted: three numbers from {} to {}, none below the one before it", min, max);
    case ValueType::port_set:
      return fmt::format("accepted: ports from {} to {} with commas and no blanks, as in \"1-9,8080\"", min, max);
  }
  return {};
}

// `word` as a number inside the accepted range.
Judged<std::int64_t> judge_number(const Setting& setting, std::string_view word) {
  Judged<std::int64_t> number = plain_number(word, setting.os);
  if (!number || inside(setting.accepted, *number)) return number;
  const bool low = *number < setting.accepted.min;
  const bool unchecked = setting.os == Os::linux_kernel && inside(setting.kernel_accepts, *number);
  return tl::unexpected(Fault{0, fmt::format("{} is {} than {}{}", escape(word), low ? "less" : "more",
                                             low ? setting.accepted.min : setting.accepted.max,
                                             unchecked ? ", though the kernel would take it" : "")});
}

// As judge_number, with the fault's place counted in `whole`, of which `word` is a part.
Judged<std::int64_t> judge_number_in(const Setting& setting, std::string_view word, std::string_view whole) {
  return judge_number(setting, word).map_error([&](Fault fault) {
    fault.at += offset_of(word, whole);
    return fault;
  });
}

Fault trailing(std::string_view rest, std::string_view whole, std::string_view kept, Os os) {
  const std::string_view ignored = os == Os::windows ? "" : "; the kernel would ignore it";
  return Fault{offset_of(rest, whole), fmt::format("\"{}\" after {}{}", escape(rest), escape(kept), ignored)};
}

std::string_view from(std::string_view part, std::string_view whole) { return whole.substr(offset_of(part, whole)); }

Judged<Value> judge_integer(const Setting& setting, std::string_view text) {
  const std::vector<std::string_view> fields = words(text);
  const Judged<std::int64_t> number = judge_number_in(setting, fields[0], text);
  if (!number) return tl::unexpected(number.error());
  if (fields.size() > 1) return tl::unexpected(trailing(from(fields[1], text), text, fields[0], setting.os));
  return std::to_string(*number);
}

Judged<Value> judge_pair(const Setting& setting, std::string_view text) {
  const std::vector<std::string_view> fields = words(text);
  const Judged<std::int64_t> low = judge_number_in(setting, fields[0], text);
  if (!low) return tl::unexpected(low.error());
  if (fields.size() < 2) {
    return tl::unexpected(
        Fault{text.size(), "one number where two belong; the kernel would change the lower end only"});
  }
  const Judged<std::int64_t> high = judge_number_in(setting, fields[1], text);
  if (!high) return tl::unexpected(high.error());
  if (fields.size() > 2) {
    return tl::unexpected(trailing(from(fields[2], text), text, "the second number", setting.os));
  }
  if (*low > *high) return tl::unexpected(Fault{0, fmt::format("{} {} runs backwards", *low, *high)});
  return fmt::format("{} {}", *low, *high);
}

Judged<Value> judge_triple(const Setting& setting, std::string_view text) {
  const std::vector<std::string_view> fields = words(text);
  if (fields.size() != 3) return tl::unexpected(Fault{0, fmt::format("{} numbers where three belong", fields.size())});
  std::int64_t before = setting.accepted.min;
  for (const std::string_view field : fields) {
    const Judged<std::int64_t> number = judge_number_in(setting, field, text);
    if (!number) return tl::unexpected(number.error());
    if (*number < before)
      return tl::unexpected(Fault{offset_of(field, text), fmt::format("{} runs backwards", escape(text))});
    before = *number;
  }
  return single_spaced(text);
}

// One item of a list of ports: "8080" or "1-9". Negative numbers cannot be meant here.
Judged<PortRange> judge_item(const Setting& setting, std::string_view item, std::string_view whole) {
  if (item.empty()) return tl::unexpected(Fault{offset_of(item, whole), "an empty item in the list of ports"});
  const std::size_t dash = item.find('-', 1);
  const Judged<std::int64_t> first = judge_number_in(setting, item.substr(0, dash), whole);
  if (!first) return tl::unexpected(first.error());
  if (dash == std::string_view::npos) return PortRange{static_cast<int>(*first), static_cast<int>(*first)};
  const Judged<std::int64_t> last = judge_number_in(setting, item.substr(dash + 1), whole);
  if (!last) return tl::unexpected(last.error());
  if (*first > *last) return tl::unexpected(Fault{offset_of(item, whole), fmt::format("{} runs backwards", item)});
  return PortRange{static_cast<int>(*first), static_cast<int>(*last)};
}

Judged<Value> judge_ports(const Setting& setting, std::string_view text) {
  if (const std::vector<std::string_view> fields = words(text); fields.size() > 1) {
    return tl::unexpected(Fault{offset_of(fields[1], text), "a blank inside a list of ports; the kernel refuses that"});
  }
  PortSet ports;
  for (const std::string_view item : split(text, ',')) {
    const Judged<PortRange> range = judge_item(setting, item, text);
    if (!range) return tl::unexpected(range.error());
    ports.push_back(*range);
  }
  return print_ports(unite(ports, {}));
}

Judged<Value> judge(const Setting& setting, std::string_view text) {
  if (text.empty()) {
    if (setting.type == ValueType::port_set) return Value{};
    return tl::unexpected(Fault{0, "a value is missing"});
  }
  if (setting.type == ValueType::port_set) return judge_ports(setting, text);
  if (setting.type == ValueType::integer_triple) return judge_triple(setting, text);
  return setting.type == ValueType::integer_pair ? judge_pair(setting, text) : judge_integer(setting, text);
}

// "1-9" or "8080" with plain ports only.
std::optional<PortRange> parse_item(std::string_view item) {
  const std::size_t dash = item.find('-');
  const std::optional<std::int64_t> first = parse_decimal(item.substr(0, dash));
  const std::optional<std::int64_t> last =
      dash == std::string_view::npos ? first : parse_decimal(item.substr(dash + 1));
  if (!first || !last || *first < 0 || *first > *last || *last > 65535) return std::nullopt;
  return PortRange{static_cast<int>(*first), static_cast<int>(*last)};
}

}  // namespace

Value canonical(const Setting& setting, std::string_view printed) {
  if (setting.type == ValueType::port_set) {
    if (const std::optional<PortSet> ports = parse_ports(trim(printed))) return print_ports(*ports);
  }
  return single_spaced(printed);
}

Result<Value> parse_value(const Setting& setting, std::string_view text) {
  const std::string_view trimmed = trim(text);
  const std::size_t skipped = trimmed.empty() ? 0 : offset_of(trimmed, text);
  Judged<Value> value = judge(setting, trimmed);
  if (value) return *std::move(value);
  return fail(Error{.code = ErrorCode::invalid,
                    .message = fmt::format("{}: {}", setting.key, value.error().why),
                    .column = static_cast<int>(skipped + value.error().at + 1),
                    .hint = expectation(setting)});
}

std::optional<std::string> why_refused(const Setting& setting, std::string_view text) {
  const Judged<Value> value = judge(setting, trim(text));
  return value ? std::nullopt : std::optional(value.error().why);
}

std::string shown(const std::optional<Value>& value) {
  if (!value) return "absent";
  return value->empty() ? "(empty)" : escape(*value);
}

std::optional<std::int64_t> as_integer(std::string_view value) { return parse_decimal(value); }

std::optional<std::pair<std::int64_t, std::int64_t>> as_pair(std::string_view value) {
  const std::vector<std::string_view> fields = split(value, ' ');
  if (fields.size() != 2) return std::nullopt;
  const std::optional<std::int64_t> low = parse_decimal(fields[0]);
  const std::optional<std::int64_t> high = parse_decimal(fields[1]);
  if (!low || !high) return std::nullopt;
  return std::pair{*low, *high};
}

bool within(const Setting& setting, const Value& value) { return judge(setting, trim(value)).has_value(); }

std::optional<PortSet> parse_ports(std::string_view text) {
  if (text.empty()) return PortSet{};
  PortSet ports;
  for (const std::string_view item : split(text, ',')) {
    const std::optional<PortRange> range = parse_item(item);
    if (!range) return std::nullopt;
    ports.push_back(*range);
  }
  return unite(ports, {});
}

std::string print_ports(const PortSet& ports) {
  std::string text;
  for (const auto& [first, last] : ports) {
    if (!text.empty()) text += ',';
    text += first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
  }
  return text;
}

PortSet unite(const PortSet& a, const PortSet& b) {
  PortSet all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end(), [](const PortRange& x, const PortRange& y) { return x.first < y.first; });
  PortSet merged;
  for (const PortRange& range : all) {
    const bool touches = !merged.empty() && range.first <= merged.back().last + 1;
    if (!touches) {
      merged.push_back(range);
    } else {
      merged.back().last = std::max(merged.back().last, range.last);
    }
  }
  return merged;
}

bool contains(const PortSet& ports, int port) {
  return std::any_of(ports.begin(), ports.end(),
                     [port](const PortRange& range) { return range.first <= port && port <= range.last; });
}

}  // namespace twctl
