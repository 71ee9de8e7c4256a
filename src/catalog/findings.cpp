#include <algorithm>

#include "catalog/audit_findings.hpp"

namespace twctl {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

const FindingRow* find_finding(std::string_view id) {
  for (const auto rows : {doctor_findings(), audit_findings()}) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const FindingRow& f) { return f.id == id; });
    if (row != rows.end()) return &*row;
  }
  return nullptr;
}

}  // namespace twctl
