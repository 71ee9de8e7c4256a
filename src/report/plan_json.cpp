#include "report/plan_json.hpp"

#include "apply/planned_changes.hpp"
#include "base/exit_status.hpp"
#include "json/json.hpp"
#include "plan/refusal.hpp"
#include "report/change_report.hpp"
#include "report/error_json.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

Json layer_json(const std::optional<LayerVerdict>& verdict) {
  if (!verdict) return nullptr;
  return {{"verdict", name_of(verdict->verdict)}, {"note", text_or_null(verdict->note)}};
}

Json write_json(const Write& write) {
  return {{"layer", name_of(write.layer)}, {"before", value_json(write.before)}, {"after", value_json(write.after)}};
}

Json planned_setting_json(const PlannedSetting& planned) {
  return {{"key", planned.setting->key},
          {"verdict", name_of(planned.verdict())},
          {"live", value_json(planned.live)},
          {"desired", value_json(planned.desired)},
          {"wanted", bytes_json(to_text(planned.entry.wanted))},
          {"wanted_at", place_json(planned.entry.where)},
          {"optional", planned.entry.optional},
          {"skipped", planned.skipped},
          {"boot", value_json(planned.boot)},
          {"boot_origin", place_json(planned.boot_origin)},
          {"boot_procps", value_json(planned.boot_procps)},
          {"boot_writer", text_or_null(planned.boot_writer)},
          {"boot_perhaps", list_json(planned.boot_perhaps, possible_json)},
          {"layers", {{"live", layer_json(planned.live_verdict)}, {"boot", layer_json(planned.boot_verdict)}}},
          {"writes", list_json(planned.writes, write_json)},
          {"taken_over", planned.taken_over},
          {"takes_effect", name_of(planned.setting->takes_effect)},
          {"reason", bytes_json(reason_for(planned))},
          {"source", bytes_json(source_for(planned))}};
}

Json hazard_json(const Finding& hazard) {
  return {{"id", hazard.row->id},        {"key", bytes_or_null(hazard.key)},     {"blocking", hazard.row->blocks},
          {"accepted", hazard.accepted}, {"severity", name_of(hazard.severity)}, {"text", hazard.evidence},
          {"source", hazard.source}};
}

bool ends_as(ErrorCode code, const std::optional<Error>& why) {
  return why && exit_status(why->code) == exit_status(code);
}

Json summary_json(const Plan& plan) {
  const PlanSummary summary = summary_of(plan);
  return {{"settings", summary.settings},
          {"ok", summary.ok},
          {"changes", summary.changes},
          {"skipped", summary.skipped},
          {"blocked", ends_as(ErrorCode::refused, refusal_of(plan, true))},
          {"blocked_by", summary.blocked_by},
          {"read_only", ends_as(ErrorCode::denied, denial_of(plan, true))},
          {"text", summary.sentence}};
}

// Why apply would refuse, and what would change, on both sides, as apply's document has it.
Json whole_plan(const Plan& plan) {
  Json document = plan_document(plan, "plan");
  const std::optional<Error> refusal = refusal_of(plan, true);
  document["refusal"] = refusal ? error_members(*refusal) : Json(nullptr);
  const DiffSides sides = diff_sides(plan);
  document["diff"] = {{"before", bytes_json(sides.before)}, {"after", bytes_json(sides.after)}};
  return document;
}

}  // namespace

Json possible_json(const PossibleValue& possible) {
  return {{"writer", possible.writer},
          {"value", value_json(possible.value)},
          {"where", place_json(possible.where)},
          {"shown_by", possible.shown_by}};
}

Json plan_document(const Plan& plan, std::string_view command) {
  Json document = document_of(command);
  document["host"] = host_json(plan.host);
  document["profiles"] = list_json(plan.profiles, bytes_json);
  document["scope"] = name_of(plan.scope);
  document["boot_file"] = bytes_or_null(plan.boot_file);
  document["settings"] = list_json(plan.settings, planned_setting_json);
  document["hazards"] = list_json(plan.hazards, hazard_json);
  document["notes"] = list_json(plan.notes, [](const Note& note) { return note.text; });
  document["summary"] = summary_json(plan);
  return document;
}

std::string plan_json(const Plan& plan) { return document_text(whole_plan(plan)); }

std::string plan_list_json(std::span<const Plan> plans) {
  Json document = document_of("plan");
  document["plans"] = list_json(plans, [](const Plan& plan) { return whole_plan(plan); });
  return document_text(document);
}

}  // namespace twctl
