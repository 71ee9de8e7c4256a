// sysctl files + a setting -> every line about it, with what each loader makes the kernel take. Pure; computed, not run
// (tests/kernel/audit_test.cpp holds it to both loaders and the kernel).
#pragma once

#include <vector>

#include "audit/judged_line.hpp"
#include "sysctl/boot_order.hpp"

namespace twctl {

// The files that each loader reads, in its order: of a lone file that file alone.
struct LineSources {
  BootFiles procps;
  BootFiles systemd;
  KernelVersion kernel = {};  // {}: a current one
};

// In procps's reading order, lines that only systemd reads after those. `initial` is the kernel's value before: a
// one-number port range builds on it. Lines that name the setting but assign nothing are there too, with the reason.
[[nodiscard]] std::vector<JudgedLine> judge_lines(const Setting& setting, const LineSources& sources,
                                                  std::string_view initial);

// The setting that a line is about, however badly it is written: the longest key of ours that stands in it as a word,
// in either spelling and either case. nullptr: none.
[[nodiscard]] const Setting* setting_meant_by(std::string_view line);

}  // namespace twctl
