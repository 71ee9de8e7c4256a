// Audit -> the JSON document that `twctl audit --json` prints (docs/schema/audit.schema.json). Pure.
#pragma once

#include <string>

#include "audit/fleet.hpp"
#include "report/audit_words.hpp"

namespace twctl {

[[nodiscard]] std::string audit_json(const Audit& audit, const ReportStamp& stamp);

// Of many hosts: the same document with `hosts`, `broken` and, where the fleet kept them, `per_host`.
[[nodiscard]] std::string fleet_json(const Fleet& fleet, const ReportStamp& stamp);

// SARIF 2.1.0, as code scanners and editors read it.
[[nodiscard]] std::string audit_sarif(const Audit& audit, const ReportStamp& stamp);

// The same of a fleet. What could not be read is a notification, and the run then none that succeeded.
[[nodiscard]] std::string fleet_sarif(const Fleet& fleet, const ReportStamp& stamp);

}  // namespace twctl
