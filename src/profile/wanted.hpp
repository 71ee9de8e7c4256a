// The expression a profile writes for a setting ("<= 30", "1 | 2", "includes 8080-8090") and what it means. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/value.hpp"

namespace twctl {

enum class Operator { exactly, at_most, at_least, any_of, includes, unset };

struct Wanted {
  Operator op = Operator::exactly;
  std::vector<Value> operands;  // one; several for any_of; none for unset
  friend bool operator==(const Wanted&, const Wanted&) = default;
};

// Error: invalid, with the column within `text` (from 1) of what is wrong.
[[nodiscard]] Result<Wanted> parse_wanted(const Setting& setting, std::string_view text);

[[nodiscard]] std::string to_text(const Wanted& wanted);  // "<= 30"

// Whether a value already is what is wanted. A value outside the setting's accepted range never satisfies.
[[nodiscard]] bool satisfied(const Setting& setting, const Wanted& wanted, const std::optional<Value>& value);

// The value to write where `current` does not satisfy: N for <= N and >= N, the first of A | B, the union for
// includes. nullopt for unset (nothing to write).
[[nodiscard]] std::optional<Value> value_to_write(const Setting& setting, const Wanted& wanted,
                                                  const std::optional<Value>& current);

}  // namespace twctl
