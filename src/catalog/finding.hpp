// What we know of each hazard (and, later, of each finding of audit and doctor): rows, no logic.
#pragma once

#include <span>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl {

struct HazardRow {
  std::string_view id;       // "fin-timeout-trap"
  bool blocks = false;       // apply refuses without --accept
  std::string_view when;     // the condition, one line
  std::string_view meaning;  // what can go wrong
  std::string_view advice;   // what to do
  Sources sources;
};

[[nodiscard]] std::span<const HazardRow> hazard_rows();
[[nodiscard]] const HazardRow* find_hazard(std::string_view id);

}  // namespace twctl
