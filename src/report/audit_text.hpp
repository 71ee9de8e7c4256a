// Audit -> the text that `twctl audit` prints. Pure.
#pragma once

#include <string>

#include "audit/fleet.hpp"
#include "report/audit_words.hpp"
#include "report/layout.hpp"

namespace twctl {

[[nodiscard]] std::string audit_text(const Audit& audit, const ReportStamp& stamp, const Screen& screen, Detail detail);

// Of many hosts: each finding once, how many have it and the first of them; for verbose each host too.
[[nodiscard]] std::string fleet_text(const Fleet& fleet, const ReportStamp& stamp, const Screen& screen, Detail detail);

// --hosts ID: the hosts with that finding, a line each.
[[nodiscard]] std::string hosts_with_text(const Fleet& fleet, std::string_view id);

}  // namespace twctl
