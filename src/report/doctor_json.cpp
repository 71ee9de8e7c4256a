#include "report/doctor_json.hpp"

#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "report/json.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json figures_json(const std::vector<Figure>& figures) {
  Json object = Json::object();
  for (const Figure& figure : figures) object[std::string(figure.name)] = figure.value;
  return object;
}

Json where_json(const Place& where) {
  if (where.file.empty()) return nullptr;
  return {{"file", escape(where.file)}, {"line", where.line > 0 ? Json(where.line) : Json(nullptr)}};
}

Json finding_json(const Finding& finding) {
  return {{"id", finding.row->id},
          {"severity", name_of(finding.severity)},
          {"key", or_null(finding.key)},
          {"where", where_json(finding.where)},
          {"subject", or_null(finding.subject)},
          {"evidence", finding.evidence},
          {"meaning", finding.row->meaning},
          {"advice", finding.advice},
          {"source", finding.row->sources.first()},
          {"figures", figures_json(finding.figures)}};
}

Json numbers_json(const Diagnosis& diagnosis) {
  Json object = Json::object();
  for (const Vital& vital : diagnosis.vitals) object.update(figures_json(vital.figures));
  return object;
}

Json head() { return {{"format_version", kFormatVersion}, {"command", "doctor"}}; }

Json host_document(const Diagnosed& host) {
  const auto& [examination, diagnosis] = host;
  Json document = head();
  document["host"] = Json::parse(host_json_text(examination.host));
  document["sampled_seconds"] = examination.seconds > 0 ? Json(examination.seconds) : Json(nullptr);
  document["findings"] = Json::array();
  for (const Finding& finding : diagnosis.findings) document["findings"].push_back(finding_json(finding));
  document["numbers"] = numbers_json(diagnosis);
  document["notes"] = diagnosis.notes;
  return document;
}

std::string written(const Json& document) { return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string doctor_json(const Diagnosed& host) { return written(host_document(host)); }

std::string doctor_list_json(std::span<const Diagnosed> hosts) {
  Json document = head();
  document["hosts"] = Json::array();
  for (const Diagnosed& host : hosts) document["hosts"].push_back(host_document(host));
  return written(document);
}

}  // namespace twctl
