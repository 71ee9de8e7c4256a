// What each setting ends with on one layer (in a file, live, at the next boot), and who said so. What the rules about
// values look at. A value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "audit/context.hpp"

namespace twctl {

struct SettledValue {
  Value value;
  Place where = {};  // {}: nobody knows who
};

struct Settled {
  const AuditContext& context;
  std::string layer = {};                              // how a finding names it: " live"; "" for a file
  std::map<std::string_view, SettledValue> said = {};  // by catalogue key: what somebody set

  [[nodiscard]] const SettledValue* find(std::string_view key) const;            // nullptr: nobody set it
  [[nodiscard]] std::optional<Value> value(std::string_view key) const;          // what was set, else the default
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key) const;  // of value()
  [[nodiscard]] std::optional<std::int64_t> said_number(std::string_view key) const;
};

}  // namespace twctl
