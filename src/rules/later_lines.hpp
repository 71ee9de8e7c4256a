// Assignments that stand in no boot file, judged as those are: of the kernel's command line, and of whoever writes
// after the boot files. Pure.
#pragma once

#include <vector>

#include "rules/audited_lines.hpp"
#include "rules/host_view.hpp"

namespace twctl {

// In their order. Of the same key on the command line the last one counts.
[[nodiscard]] std::vector<AuditedLine> command_line_lines(const Setting& setting, const HostView& host);

// Those whose value is known, of every writer, whenever it acts.
[[nodiscard]] std::vector<AuditedLine> later_lines(const Setting& setting, const HostView& host);

}  // namespace twctl
