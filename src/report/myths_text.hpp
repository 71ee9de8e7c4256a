// The myths as they were tried: claim, what was measured, verdict.
#pragma once

#include <string>
#include <string_view>

#include "report/layout.hpp"
#include "trial/myths.hpp"

namespace twctl {

[[nodiscard]] std::string myths_text(const MythTrial& trial, const Screen& screen, Detail detail);

[[nodiscard]] std::string_view word_of(MythVerdict verdict);  // "refuted"

}  // namespace twctl
