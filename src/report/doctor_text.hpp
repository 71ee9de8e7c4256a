// Diagnosis -> what `doctor` prints. Pure.
#pragma once

#include <string>

#include "diagnose/diagnosis.hpp"
#include "report/layout.hpp"

namespace twctl {

[[nodiscard]] std::string doctor_text(const Diagnosed& host, const Screen& screen, Detail detail);

}  // namespace twctl
