#include <optional>
#include <vector>

#include "base/text.hpp"
#include "json/json.hpp"
#include "json/words.hpp"
#include "report/explain.hpp"
#include "report/explain_here.hpp"
#include "report/explain_names.hpp"
#include "report/explain_pages.hpp"
#include "report/plan_json.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

Json version_json(KernelVersion version) { return text_or_null(to_text(version)); }
Json range_json(const Range& range) { return {{"min", range.min}, {"max", range.max}}; }
Json sources_json(const Sources& sources) { return std::vector<std::string>(sources.begin(), sources.end()); }

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::integer:
      return "integer";
    case ValueType::enumeration:
      return "enumeration";
    case ValueType::integer_pair:
      return "integer-pair";
    case ValueType::integer_triple:
      return "integer-triple";
    case ValueType::port_set:
      return "port-set";
  }
  return "";
}

std::string_view reach_name(Reach reach) {
  switch (reach) {
    case Reach::per_namespace:
      return "per-namespace";
    case Reach::host_wide:
      return "host-wide";
    case Reach::host_wide_shown_read_only:
      return "host-wide-shown-read-only";
  }
  return "";
}

Json meaning_json(const Meaning& meaning) { return {{"value", meaning.value}, {"text", meaning.text}}; }

Json default_json(const KernelDefault& entry) { return {{"since", version_json(entry.since)}, {"value", entry.value}}; }

Json here_json(const Setting& setting, const Snapshot* here) {
  if (here == nullptr || here->host.os != setting.os) return nullptr;
  const SettingHere facts = setting_here(setting, *here);
  return {{"kernel", bytes_or_null(here->host.kernel_release)},
          {"live", value_json(facts.live)},
          {"live_problem", text_or_null(facts.live_problem)},
          {"read_only", facts.read_only},
          {"default", value_json(facts.default_value)},
          {"boot", value_json(facts.boot)},
          {"boot_origin", place_json(facts.boot_origin)},
          {"boot_writer", text_or_null(facts.boot_writer)},
          {"boot_perhaps", list_json(facts.boot_perhaps, possible_json)}};
}

Json limits_json(const Setting& setting) {
  const bool is_linux = setting.os == Os::linux_kernel;
  return {{"type", type_name(setting.type)},
          {"unit", text_or_null(setting.unit)},
          {"accepted", range_json(setting.accepted)},
          {"kernel_accepts", is_linux ? range_json(setting.kernel_accepts) : Json(nullptr)},
          {"values", list_json(setting.meanings, meaning_json)},
          {"defaults", list_json(setting.defaults, default_json)},
          {"default_formula", text_or_null(setting.default_formula)},
          {"reach", is_linux ? Json(reach_name(setting.reach)) : Json(nullptr)},
          {"per_namespace_since", version_json(setting.per_namespace_since)},
          {"since", version_json(setting.since)},
          {"removed", version_json(setting.removed)},
          {"removed_why", text_or_null(setting.removed_why)},
          {"vendor", text_or_null(setting.vendor)},
          {"module", text_or_null(setting.module)},
          {"history", text_or_null(setting.history)},
          {"takes_effect", name_of(setting.takes_effect)},
          {"effect_note", text_or_null(setting.effect_note)},
          {"writable", setting.writable}};
}

Json setting_json(const Setting& setting, const Snapshot* here) {
  Json row{{"kind", "setting"},
           {"name", short_name(setting)},
           {"key", setting.key},
           {"os", word_for(kOsWords, setting.os)},
           {"summary", setting.summary}};
  row.update(limits_json(setting));
  row.update(Json{{"does", setting.does},
                  {"does_not", text_or_null(setting.does_not)},
                  {"risk", text_or_null(setting.risk)},
                  {"needs", text_or_null(setting.needs)},
                  {"goes_with", text_or_null(setting.goes_with)},
                  {"counters", text_or_null(setting.counters)},
                  {"sources", sources_json(setting.sources)},
                  {"here", here_json(setting, here)}});
  return row;
}

Json state_json(const TcpStateRow& state) {
  Json names = Json::array();
  for (const std::string_view name : split(state.settings, ',')) {
    if (!trim(name).empty()) names.push_back(trim(name));
  }
  return {{"kind", "state"},
          {"name", state.name},
          {"linux_number", state.linux_number},
          {"summary", state.summary},
          {"entered", state.entered},
          {"left", state.left},
          {"pile_up", state.pile_up},
          {"who_acts", state.who_acts},
          {"settings", std::move(names)},
          {"sources", sources_json(state.sources)}};
}

Json writers_json(const FindingRow& row) {
  Json all = Json::array();
  if (row.writers == nullptr) return all;
  for (const std::string_view writer : row.writers()) all.push_back(writer);
  return all;
}

Json hazard_row_json(const FindingRow& hazard) {
  return {{"kind", "hazard"},          {"name", hazard.id},
          {"blocking", hazard.blocks}, {"when", hazard.summary},
          {"meaning", hazard.meaning}, {"writers", writers_json(hazard)},
          {"advice", hazard.advice},   {"sources", sources_json(hazard.sources)}};
}

Json finding_row_json(const FindingRow& finding) {
  return {{"kind", "finding"},
          {"name", finding.id},
          {"severity", name_of(finding.severity)},
          {"summary", finding.summary},
          {"meaning", finding.meaning},
          {"writers", writers_json(finding)},
          {"advice", finding.advice},
          {"sources", sources_json(finding.sources)}};
}

Json topic_json(const TopicRow& topic) {
  return {{"kind", "topic"},
          {"name", topic.id},
          {"title", topic.title},
          {"text", trim(topic.text)},
          {"sources", sources_json(topic.sources)}};
}

Json myth_json(const MythRow& myth) {
  return {{"kind", "myth"},
          {"name", myth.id},
          {"claim", myth.claim},
          {"truth", myth.truth},
          {"key", text_or_null(myth.key)},
          {"evidence", myth.evidence},
          {"sources", sources_json(myth.sources)}};
}

std::optional<Json> row_json(std::string_view name, const Snapshot* here) {
  const Explained found = find_explained(name);
  if (found.setting != nullptr) return setting_json(*found.setting, here);
  if (found.state != nullptr) return state_json(*found.state);
  if (found.hazard != nullptr) return hazard_row_json(*found.hazard);
  if (found.finding != nullptr) return finding_row_json(*found.finding);
  if (found.topic != nullptr) return topic_json(*found.topic);
  if (found.myth != nullptr) return myth_json(*found.myth);
  return std::nullopt;
}

Json names_json() {
  Json names = Json::array();
  for (const ListGroup& group : everything_explained()) {
    for (const ListLine& line : group.lines) {
      names.push_back({{"kind", group.kind}, {"name", line.name}, {"text", line.text}});
    }
  }
  return {{"kind", "list"}, {"names", std::move(names)}};
}

}  // namespace

Result<std::string> explain_json(std::string_view name, const ExplainContext& context) {
  const std::optional<Json> row = name.empty() ? names_json() : row_json(name, context.here);
  if (!row) return unknown_name(name);
  Json document = document_of("explain");
  document.update(*row);
  return document_text(document);
}

}  // namespace twctl
