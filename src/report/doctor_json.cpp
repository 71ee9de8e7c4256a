#include "report/doctor_json.hpp"

#include "json/json.hpp"
#include "report/namespaces.hpp"
#include "report/remedy_commands.hpp"

namespace twctl {
namespace {

Json figures_json(const std::vector<Figure>& figures) {
  Json object = Json::object();
  for (const Figure& figure : figures) object[std::string(figure.name)] = figure.value;
  return object;
}

Json doctor_finding_json(const Finding& finding) {
  return {{"id", finding.row->id},
          {"severity", name_of(finding.severity)},
          {"key", bytes_or_null(finding.key)},
          {"where", place_json(finding.where)},
          {"subject", bytes_or_null(finding.subject)},
          {"evidence", finding.evidence},
          {"meaning", finding.row->meaning},
          {"advice", finding.advice},
          {"source", finding.source},
          {"figures", figures_json(finding.figures)}};
}

Json numbers_json(const Diagnosis& diagnosis) {
  Json object = Json::object();
  for (const Vital& vital : diagnosis.vitals) object.update(figures_json(vital.figures));
  return object;
}

Json remedy_json(const Diagnosed& host) {
  const auto commands = remedy_commands(host);
  if (!commands) return nullptr;
  Json settings = Json::object();
  for (const auto& [key, value] : remedies_of(host.diagnosis)) settings[std::string(key)] = value;
  return {{"settings", settings},
          {"apply", commands->apply},
          {"keep", text_or_null(commands->keep)},
          {"undo", commands->undo},
          {"trial", text_or_null(commands->trial)},
          {"lasting", text_or_null(commands->lasting)},
          {"obstacle", text_or_null(commands->obstacle)}};
}

Json host_document(const Diagnosed& host) {
  const auto& [examination, diagnosis] = host;
  Json document = document_of("doctor");
  document["host"] = host_json(examination.host);
  document["sampled_seconds"] = examination.seconds > 0 ? Json(examination.seconds) : Json(nullptr);
  document["headline"] = headline_of(diagnosis);
  document["remedy"] = remedy_json(host);
  document["findings"] = list_json(diagnosis.findings, doctor_finding_json);
  document["numbers"] = numbers_json(diagnosis);
  document["notes"] = diagnosis.notes;
  document["other_namespaces"] = examination.other_namespaces.count;
  return document;
}

}  // namespace

std::string doctor_json(const Diagnosed& host) { return document_text(host_document(host)); }

std::string doctor_list_json(std::span<const Diagnosed> hosts) {
  Json document = document_of("doctor");
  document["hosts"] = list_json(hosts, host_document);
  return document_text(document);
}

std::string doctor_all_json(const InNamespaces<Diagnosed>& spaces) {
  Json document = document_of("doctor");
  document["namespaces"] = list_json(spaces.all, [](const InNamespace<Diagnosed>& one) {
    Json entry = namespace_json(one.where, one.found ? nullptr : &one.found.error());
    entry["report"] = one.found ? host_document(*one.found) : Json(nullptr);
    return entry;
  });
  document["hidden_processes"] = spaces.hidden;
  return document_text(document);
}

}  // namespace twctl
