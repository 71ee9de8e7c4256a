// Audit -> one page of HTML: a single file, which loads nothing and can be read, printed and kept without a script.
// With one its tables can be searched and sorted. Pure.
#pragma once

#include <string>

#include "audit/fleet.hpp"
#include "report/audit_words.hpp"

namespace twctl {

[[nodiscard]] std::string audit_html(const Audit& audit, const ReportStamp& stamp);

// Each finding once, and the hosts in groups of those that are alike, each host in one of them.
[[nodiscard]] std::string fleet_html(const Fleet& fleet, const ReportStamp& stamp);

}  // namespace twctl
