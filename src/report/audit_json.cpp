#include "report/audit_json.hpp"

#include "audit/gather.hpp"
#include "base/escape.hpp"
#include "base/unescape.hpp"
#include "json/json.hpp"
#include "json/words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

Json audited_line_json(const AuditedLine& line) {
  Json json = {{"key", line.setting->key},
               {"raw", bytes_json(line.raw)},
               {"effective", value_json(line.effective)},
               {"where", place_json(line.where)},
               {"applied", line.effective.has_value()},
               {"overridden_by", place_json(line.overridden_by)},
               {"note", text_or_null(unescaped(line.note))}};
  if (line.systemd_differs) json["effective_systemd"] = value_json(line.effective_systemd);
  return json;
}

Json finding_json(const Finding& finding, const Findings& all) {
  const Finding* cause = cause_of(finding, all);
  Json json = {{"id", finding.row->id},
               {"severity", name_of(finding.severity)},
               {"key", bytes_or_null(finding.key)},
               {"where", place_json(finding.where)},
               {"evidence", unescaped(finding.evidence)},
               {"advice", finding.advice},
               {"source", finding.source}};
  if (cause != nullptr) json["caused_by"] = cause->row->id;
  if (!finding.figures.empty()) {
    json["hosts"] = list_json(finding.hosts, bytes_json);
    json["first"] = bytes_json(finding.subject);
  }
  return json;
}

Json suppressed_json(const Suppressed& one) {
  return {{"id", one.id}, {"reason", bytes_json(one.reason)}, {"where", place_json(one.where)}};
}

Json unjudged_json(const Unjudged& one) { return {{"what", bytes_json(one.what)}, {"why", unescaped(one.why)}}; }

Json broken_json(const BrokenInput& broken) {
  return {{"file", bytes_json(broken.file)}, {"message", broken.error.message}};
}

Json system_json(const System& system) {
  return {{"os", word_for(kOsWords, system.os)},
          {"distribution", bytes_or_null(system.distribution)},
          {"kernel", bytes_or_null(system.kernel)}};
}

Json alike_json(const AlikeHosts& group, const Findings& findings) {
  Json json = system_json(group.system);
  json["findings"] = list_json(group.findings, [&](std::size_t at) { return id_and_key(findings[at]); });
  json["hosts"] = list_json(group.hosts, bytes_json);
  return json;
}

Json host_line_json(const HostLine& line) { return {{"host", bytes_json(line.host)}, {"findings", line.findings}}; }

Json audit_document(const Audit& audit, const ReportStamp& stamp) {
  const FindingCounts counts = count(audit.findings);
  Json document = document_of("audit");
  document["tool"] = {{"name", "twctl"}, {"version", program_version()}};
  document["catalogue"] = catalogue_version();
  document["time"] = utc_text(stamp.time);
  document["host"] = host_json(audit.host);
  document["other_namespaces"] = audit.of_files ? Json(nullptr) : Json(audit.other_namespaces.count);
  document["files"] = list_json(audit.files, bytes_json);
  document["settings"] = list_json(audit.settings, audited_line_json);
  document["findings"] =
      list_json(audit.findings, [&](const Finding& one) { return finding_json(one, audit.findings); });
  document["checks"] = audit.checks;
  document["suppressed"] = list_json(audit.suppressed, suppressed_json);
  document["unjudged"] = list_json(audit.unjudged, unjudged_json);
  document["summary"] = {{"errors", counts.errors}, {"warnings", counts.warnings}, {"infos", counts.infos}};
  return document;
}

std::string_view sarif_level(Severity severity) { return severity == Severity::info ? "note" : name_of(severity); }

Json sarif_rule(std::string_view id) {
  const FindingRow& row = *find_finding(id);
  return {{"id", id},
          {"shortDescription", {{"text", row.summary}}},
          {"fullDescription", {{"text", row.meaning}}},
          {"help", {{"text", row.advice}}},
          {"defaultConfiguration", {{"level", sarif_level(row.severity)}}}};
}

// A URI has no blank and no backslash; other bytes of a path go as %XX.
std::string uri_of(std::string_view path) {
  constexpr std::string_view kPlain = "/-._~!$&'()*+,;=:@";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri.append("%").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0xFU]);
    }
  }
  return uri;
}

Json sarif_locations(const Finding& finding, const Audit& audit) {
  if (finding.where.file.empty()) {
    return Json::array({{{"logicalLocations", Json::array({{{"name", subject_text(audit)}, {"kind", "resource"}}})}}});
  }
  Json physical = {{"artifactLocation", {{"uri", uri_of(finding.where.file)}}}};
  if (finding.where.line > 0) physical["region"] = {{"startLine", finding.where.line}};
  return Json::array({{{"physicalLocation", std::move(physical)}}});
}

// SARIF 2.1.0 reads "[text](link)" and "{0}" in a message (3.11.5 and 3.11.6).
std::string sarif_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\') escaped += '\\';
    if (c == '{' || c == '}') escaped += c;
    escaped += c;
  }
  return escaped;
}

Json sarif_result(const Finding& finding, const Audit& audit) {
  const std::string key = finding.key.empty() ? "" : escape(finding.key) + ": ";
  return {{"ruleId", finding.row->id},
          {"level", sarif_level(finding.severity)},
          {"message", {{"text", sarif_text(key + finding.evidence + " " + finding.advice)}}},
          {"locations", sarif_locations(finding, audit)}};
}

Json sarif_notification(const BrokenInput& broken) {
  Json physical = {{"artifactLocation", {{"uri", uri_of(broken.file)}}}};
  if (broken.error.where.line > 0) physical["region"] = {{"startLine", broken.error.where.line}};
  return {{"level", "error"},
          {"message", {{"text", sarif_text(broken.error.message)}}},
          {"locations", Json::array({{{"physicalLocation", std::move(physical)}}})}};
}

// `host`: its name, null for several.
std::string sarif_document(const Audit& audit, const Json& invocation, const Json& host) {
  Json driver = {{"name", "twctl"}, {"version", program_version()}, {"rules", list_json(audit.checks, sarif_rule)}};
  Json run = {{"tool", {{"driver", std::move(driver)}}},
              {"invocations", Json::array({invocation})},
              {"results", list_json(audit.findings, [&](const Finding& f) { return sarif_result(f, audit); })},
              {"properties",
               {{"host", host},
                {"catalogue", catalogue_version()},
                {"suppressed", list_json(audit.suppressed, suppressed_json)},
                {"unjudged", list_json(audit.unjudged, unjudged_json)}}}};
  return document_text({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                        {"version", "2.1.0"},
                        {"runs", Json::array({std::move(run)})}});
}

}  // namespace

std::string audit_json(const Audit& audit, const ReportStamp& stamp) {
  return document_text(audit_document(audit, stamp));
}

std::string fleet_json(const Fleet& fleet, const ReportStamp& stamp) {
  const Audit audit = fleet.summary();
  Json document = audit_document(audit, stamp);
  document["host"] = nullptr;
  document["other_namespaces"] = nullptr;
  document["hosts"] = fleet.hosts();
  document["broken"] = list_json(fleet.broken(), broken_json);
  document["groups"] = list_json(fleet.alike(), [&](const AlikeHosts& one) { return alike_json(one, audit.findings); });
  const std::vector<HostLine> lines = fleet.lines();
  if (!lines.empty()) document["per_host"] = list_json(lines, host_line_json);
  return document_text(document);
}

std::string audit_sarif(const Audit& audit, const ReportStamp& stamp) {
  const Json invocation = {{"executionSuccessful", true}, {"endTimeUtc", utc_text(stamp.time)}};
  return sarif_document(audit, invocation, bytes_or_null(audit.host.hostname));
}

std::string fleet_sarif(const Fleet& fleet, const ReportStamp& stamp) {
  Json invocation = {{"executionSuccessful", fleet.broken().empty()}, {"endTimeUtc", utc_text(stamp.time)}};
  if (!fleet.broken().empty()) {
    invocation["toolExecutionNotifications"] = list_json(fleet.broken(), sarif_notification);
  }
  return sarif_document(fleet.summary(), invocation, nullptr);
}

}  // namespace twctl
