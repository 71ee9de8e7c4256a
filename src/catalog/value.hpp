// Text <-> values of a setting. A value is its canonical text, so that two values are equal exactly when their
// texts are: "30", "32768 60999" (one space), "1-9,8080" (merged and sorted). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"

namespace twctl {

using Value = std::string;

// What the kernel printed (with its newline and tabs) -> Value. Text that is not of the setting's type is
// returned trimmed, with single spaces: it then equals no value that we could want.
[[nodiscard]] Value canonical(const Setting& setting, std::string_view printed);

// What a person wrote -> Value. Strict: plain decimal, the whole text, the right number of fields, within
// `accepted`. The kernel would take "0x20", "020" or "30 # note" and mean something else (docs/safety.md, "What the
// kernel does with what is written"). Error: invalid, with `column` counted within `text` from 1, and the range in the
// hint.
[[nodiscard]] Result<Value> parse_value(const Setting& setting, std::string_view text);

// The same error's reason alone, without key or place; nullopt: it is accepted.
[[nodiscard]] std::optional<std::string> why_refused(const Setting& setting, std::string_view text);

// For a message or a table: escaped; "absent" for no value, "(empty)" for an empty list.
[[nodiscard]] std::string shown(const std::optional<Value>& value);

[[nodiscard]] std::optional<std::int64_t> as_integer(std::string_view value);
[[nodiscard]] std::optional<std::pair<std::int64_t, std::int64_t>> as_pair(std::string_view value);
[[nodiscard]] bool within(const Setting& setting, const Value& value);  // of the type and inside `accepted`

// A set of ports as sorted, disjoint, non-adjacent closed ranges.
struct PortRange {
  int first = 0;
  int last = 0;
  friend bool operator==(const PortRange&, const PortRange&) = default;
};
using PortSet = std::vector<PortRange>;

[[nodiscard]] std::optional<PortSet> parse_ports(std::string_view text);  // "8080,1-5,3-9"; "" is the empty set
[[nodiscard]] std::string print_ports(const PortSet& ports);
[[nodiscard]] PortSet unite(const PortSet& a, const PortSet& b);
[[nodiscard]] bool contains(const PortSet& ports, int port);

}  // namespace twctl
