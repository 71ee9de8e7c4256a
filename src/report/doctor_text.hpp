// Diagnosis -> what `doctor` prints. Pure.
#pragma once

#include <string>

#include "report/layout.hpp"
#include "rules/diagnosis.hpp"

namespace twctl {

[[nodiscard]] std::string doctor_text(const Diagnosed& host, const Screen& screen, Detail detail);

}  // namespace twctl
