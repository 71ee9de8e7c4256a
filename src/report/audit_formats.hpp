// Audit -> what other programs read: JUnit XML for test reports, Prometheus text for a node exporter. Pure.
#pragma once

#include <string>
#include <string_view>

#include "audit/fleet.hpp"
#include "report/audit_words.hpp"

namespace twctl {

// Text for XML and HTML: the five characters that act in both. `printable` has gone through escape().
[[nodiscard]] std::string markup(std::string_view printable);

// One test case for each thing that was looked for; it fails where that was found from `warning` up.
[[nodiscard]] std::string audit_junit(const Audit& audit, const ReportStamp& stamp);

// A suite for each host, and one with an error for each snapshot that could not be read.
[[nodiscard]] std::string fleet_junit(const Fleet& fleet, const ReportStamp& stamp);

// How many findings of each id and severity, and when. For the textfile collector.
[[nodiscard]] std::string audit_prometheus(const Audit& audit, const ReportStamp& stamp);

// The same of a fleet: on how many hosts each was found, how many there are, and how many could not be read.
[[nodiscard]] std::string fleet_prometheus(const Fleet& fleet, const ReportStamp& stamp);

// A row for each host and finding: host, severity, id, key, place, what, and the host's distribution and kernel; one
// for each host without a finding, with the id "none", and for each snapshot that could not be read, "unreadable". RFC
// 4180.
[[nodiscard]] std::string audit_csv(const Audit& audit);
[[nodiscard]] std::string fleet_csv(const Fleet& fleet);

}  // namespace twctl
