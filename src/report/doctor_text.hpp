// Diagnosis -> what `doctor` prints. Pure.
#pragma once

#include <string>

#include "diagnose/in_namespace.hpp"
#include "report/layout.hpp"
#include "rules/diagnosis.hpp"

namespace twctl {

[[nodiscard]] std::string doctor_all_text(const InNamespaces<Diagnosed>& spaces, const Screen& screen, Detail detail);
[[nodiscard]] std::string doctor_text(const Diagnosed& host, const Screen& screen, Detail detail);

}  // namespace twctl
