#include <map>
#include <utility>

#include "catalog/finding.hpp"

namespace twctl {
namespace {

using RowsById = std::map<std::string_view, const FindingRow*>;

// Rules are looked up by the thousand.
RowsById by_id(std::span<const FindingRow> rows) {
  RowsById found;
  for (const FindingRow& row : rows) found.emplace(row.id, &row);
  return found;
}

const FindingRow* find_in(const RowsById& rows, std::string_view id) {
  const auto row = rows.find(id);
  return row == rows.end() ? nullptr : row->second;
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

const FindingRow* find_hazard(std::string_view id) {
  static const RowsById kHazards = by_id(hazard_rows());
  return find_in(kHazards, id);
}

const FindingRow* find_finding(std::string_view id) {
  static const RowsById kOfDoctor = by_id(doctor_findings());
  static const RowsById kOfAudit = by_id(audit_findings());
  const FindingRow* row = find_in(kOfDoctor, id);
  return row != nullptr ? row : find_in(kOfAudit, id);
}

const FindingRow& finding_row(std::string_view id) {
  const FindingRow* hazard = find_hazard(id);
  return hazard != nullptr ? *hazard : *find_finding(id);
}

std::string_view meaning_of(const Finding& finding) {
  return finding.meaning.empty() ? finding.row->meaning : finding.meaning;
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
