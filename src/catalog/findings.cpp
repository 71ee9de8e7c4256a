#include <algorithm>
#include <utility>

#include "catalog/finding.hpp"

namespace twctl {
namespace {

const FindingRow* find_in(std::span<const FindingRow> rows, std::string_view id) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const FindingRow& one) { return one.id == id; });
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

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

const FindingRow* find_hazard(std::string_view id) { return find_in(hazard_rows(), id); }

const FindingRow* find_finding(std::string_view id) {
  const FindingRow* row = find_in(doctor_findings(), id);
  return row != nullptr ? row : find_in(audit_findings(), id);
}

const FindingRow& finding_row(std::string_view id) {
  const FindingRow* hazard = find_hazard(id);
  return hazard != nullptr ? *hazard : *find_finding(id);
}

Finding make_finding(const FindingRow& row, std::string_view key, Place where, std::string evidence) {
  return {.row = &row,
          .severity = row.severity,
          .key = std::string(key),
          .where = std::move(where),
          .evidence = std::move(evidence),
          .advice = std::string(row.advice),
          .source = std::string(row.sources.first())};
}

}  // namespace twctl
