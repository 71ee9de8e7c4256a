// A trial as people read it: candidates side by side, a bar for each second, a verdict.
#pragma once

#include <cstddef>
#include <string>

#include "report/layout.hpp"
#include "trial/trial.hpp"

namespace twctl {

// A trial's tables are made for this many columns, on a wider terminal too.
inline constexpr std::size_t kTrialColumns = 80;

[[nodiscard]] std::string trial_text(const Trial& trial, const Screen& screen, Detail detail);

}  // namespace twctl
