// Findings -> what a person has to look at: each slip once with its lines, each cause once with what comes of it. For
// people only: JSON, JUnit and SARIF keep every finding. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/finding.hpp"

namespace twctl {

// All point into the findings that were gathered.
struct Gathered {
  const Finding* finding = nullptr;          // never null: the first of its kind
  std::vector<const Finding*> again;         // the same slip elsewhere
  std::vector<const Finding*> consequences;  // what is wrong for that reason alone
};

// Weightiest first, then in the order of the findings.
[[nodiscard]] std::vector<Gathered> gather(const Findings& findings);

// The finding without which this one would not be there; nullptr: it stands by itself.
[[nodiscard]] const Finding* cause_of(const Finding& finding, const Findings& findings);

}  // namespace twctl
