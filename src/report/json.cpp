#include "report/json.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "report/host_json.hpp"
#include "report/plan_words.hpp"
#include "report/report_json.hpp"
#include "report/snapshot_words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::ordered_json;

// ASCII only, so that no byte of a file or of the kernel can act on a terminal; broken UTF-8 is replaced.
std::string written(const Json& document) { return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n"; }

Json head(std::string_view command) { return {{"format_version", kFormatVersion}, {"command", command}}; }

Json or_null(std::string_view text) { return text_or_null<Json>(text); }
Json value_json(const std::optional<Value>& value) { return value ? Json(*value) : Json(nullptr); }

Json place_json(const std::optional<Place>& place) {
  if (!place) return nullptr;
  return {{"file", escape(place->file)}, {"line", place->line > 0 ? Json(place->line) : Json(nullptr)}};
}

Json layer_json(const std::optional<LayerVerdict>& verdict) {
  if (!verdict) return nullptr;
  return {{"verdict", name_of(verdict->verdict)}, {"note", or_null(verdict->note)}};
}

Json write_json(const Write& write) {
  return {{"layer", name_of(write.layer)}, {"before", value_json(write.before)}, {"after", value_json(write.after)}};
}

Json setting_json(const PlannedSetting& planned) {
  Json writes = Json::array();
  for (const Write& write : planned.writes) writes.push_back(write_json(write));
  return {{"key", planned.setting->key},
          {"verdict", name_of(planned.verdict())},
          {"live", value_json(planned.live)},
          {"desired", value_json(planned.desired)},
          {"wanted", to_text(planned.entry.wanted)},
          {"wanted_at", place_json(planned.entry.where)},
          {"optional", planned.entry.optional},
          {"skipped", planned.skipped},
          {"boot", value_json(planned.boot)},
          {"boot_origin", place_json(planned.boot_origin)},
          {"boot_procps", value_json(planned.boot_procps)},
          {"layers", {{"live", layer_json(planned.live_verdict)}, {"boot", layer_json(planned.boot_verdict)}}},
          {"writes", std::move(writes)},
          {"takes_effect", name_of(planned.setting->takes_effect)},
          {"reason", reason_for(planned)},
          {"source", source_for(planned)}};
}

Json hazard_json(const Hazard& hazard) {
  return {{"id", hazard.id},
          {"key", or_null(hazard.key)},
          {"blocking", hazard.blocking},
          {"accepted", hazard.accepted},
          {"text", hazard.text},
          {"source", or_null(hazard.source)}};
}

Json summary_json(const Plan& plan) {
  const PlanSummary summary = summary_of(plan);
  return {{"settings", summary.settings}, {"ok", summary.ok},         {"changes", summary.changes},
          {"skipped", summary.skipped},   {"blocked", blocked(plan)}, {"blocked_by", summary.blocked_by},
          {"read_only", read_only(plan)}, {"text", summary.sentence}};
}

Json wait_json(const std::optional<Wait>& wait) {
  if (!wait) return nullptr;
  return {{"seconds_left", wait->left.count()},
          {"deadline", time_iso(wait->until)},
          {"timers", {{"watchdog", wait->timers.watchdog}, {"path_unit", wait->timers.path_unit}}}};
}

Json entry_json(const Entry& entry) {
  return {
      {"key", entry.setting->key},  {"os", word_for(kOsWords, entry.setting->os)}, {"wanted", to_text(entry.wanted)},
      {"optional", entry.optional}, {"reason", or_null(escape(entry.reason))},     {"at", place_json(entry.where)}};
}

std::string_view name_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::ini:
      return "ini";
    case ProfileKind::sysctl_conf:
      return "sysctl.conf";
    case ProfileKind::tuned:
      return "tuned";
    case ProfileKind::reg:
      return "reg";
  }
  return "";
}

Json plan_document(const Plan& plan, std::string_view command) {
  Json document = head(command);
  document["host"] = host_json<Json>(plan.host);
  document["profiles"] = Json::array();
  for (const std::string& name : plan.profiles) document["profiles"].push_back(escape(name));
  document["scope"] = name_of(plan.scope);
  document["boot_file"] = or_null(escape(plan.boot_file));
  document["settings"] = Json::array();
  for (const PlannedSetting& planned : plan.settings) document["settings"].push_back(setting_json(planned));
  document["hazards"] = Json::array();
  for (const Hazard& hazard : plan.hazards) document["hazards"].push_back(hazard_json(hazard));
  document["notes"] = plan.notes;
  document["summary"] = summary_json(plan);
  return document;
}

}  // namespace

std::string host_json_text(const HostFacts& host) { return written(host_json<Json>(host)); }

std::string plan_json(const Plan& plan) { return written(plan_document(plan, "plan")); }

std::string plan_list_json(std::span<const Plan> plans) {
  Json document = head("plan");
  document["plans"] = Json::array();
  for (const Plan& plan : plans) document["plans"].push_back(plan_document(plan, "plan"));
  return written(document);
}

std::string apply_json(const Plan& plan, const ChangeReport& report) {
  Json document = plan_document(plan, "apply");
  add_report(document, report);
  document["pending"] = wait_json(report.wait);
  return written(document);
}

std::string error_json(const Error& error, int exit_status) {
  Json document = {{"error",
                    {{"code", exit_status},
                     {"message", error.message},
                     {"file", or_null(escape(error.where.file))},
                     {"line", error.where.line > 0 ? Json(error.where.line) : Json(nullptr)},
                     {"hint", or_null(error.hint)}}}};
  if (error.code == ErrorCode::partial) document["state"] = "partial";
  return written(document);
}

std::string profile_list_json(std::span<const ProfileListing> profiles) {
  Json document = head("profile list");
  document["profiles"] = Json::array();
  for (const ProfileListing& profile : profiles) {
    document["profiles"].push_back({{"name", escape(profile.name)},
                                    {"origin", escape(profile.origin)},
                                    {"summary", or_null(escape(profile.summary))},
                                    {"problem", or_null(profile.problem)}});
  }
  return written(document);
}

std::string profile_json(const Profile& profile) {
  Json document = head("profile show");
  document["name"] = escape(profile.name);
  document["kind"] = name_of(profile.kind);
  document["summary"] = or_null(escape(profile.summary));
  document["settings"] = Json::array();
  for (const Entry& entry : profile.entries) document["settings"].push_back(entry_json(entry));
  document["out_of_scope"] = profile.out_of_scope;
  document["notes"] = profile.notes;
  return written(document);
}

std::string page_json(std::string_view command, std::string_view text) {
  Json document = head(command);
  document["text"] = text;
  return written(document);
}

}  // namespace twctl
