// Replayed sysctl files + a setting -> every line about it, with what each loader makes the kernel take. Pure
// (tests/kernel/audit_test.cpp holds it to both loaders and the kernel).
#pragma once

#include <vector>

#include "audit/judged_line.hpp"

namespace twctl {

// In procps's reading order, lines that only systemd reads after those. Lines that name the setting but assign nothing
// are there too, with the reason.
[[nodiscard]] std::vector<JudgedLine> judge_lines(const Setting& setting, const BootReplay& replay);

}  // namespace twctl
