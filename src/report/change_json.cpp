#include "report/change_json.hpp"

#include <nlohmann/json.hpp>

#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "catalog/setting.hpp"
#include "report/plan_words.hpp"
#include "report/report_json.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::ordered_json;

std::string written(const Json& document) { return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n"; }

Json head(std::string_view command) { return {{"format_version", kFormatVersion}, {"command", command}}; }

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json iso_or_null(const std::optional<std::int64_t>& time) { return time ? Json(time_iso(*time)) : Json(nullptr); }

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(escape(text)); }

template <class Items, class ToJson>
Json list_json(const Items& items, const ToJson& to_json) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

Json setting_json(const SettingChange& setting) {
  return {{"key", setting.key}, {"before", or_null(setting.before)}, {"after", or_null(setting.after)}};
}

Json file_json(const FileChange& file) {
  return {{"path", file.path}, {"before", or_null(file.before)}, {"after", or_null(file.after)}};
}

Json conflict_json(const Conflict& conflict) {
  return {{"what", conflict.what}, {"found", text_or_null(conflict.found)}};
}

Json who_json(const RunFacts& author) {
  const bool has_uid = author.account.empty();
  return {{"login_uid", or_null(author.login_uid)},
          {"uid", has_uid ? Json(author.uid) : Json(nullptr)},
          {"account", text_or_null(author.account)},
          {"sudo_user_claimed", text_or_null(author.sudo_user)}};
}

Json decided_json(const Change& change) {
  if (!change.decided_by) return nullptr;
  return {
      {"time", time_iso(change.decided_by->time)}, {"who", who_json(*change.decided_by)}, {"lapsed", change.lapsed}};
}

std::string_view kind_name(ChangeKind kind) { return kind == ChangeKind::apply ? "apply" : "rollback"; }

Json entry_json(const HistoryEntry& entry, const std::string& location) {
  const Intent& intent = entry.change.intent;
  return {{"id", intent.id},
          {"sequence", intent.sequence},
          {"kind", kind_name(intent.kind)},
          {"undoes", intent.undoes},
          {"state", to_text(entry.standing)},
          {"time", time_iso(intent.author.time)},
          {"who", who_json(intent.author)},
          {"deadline", iso_or_null(intent.deadline_time)},
          {"decided", decided_json(entry.change)},
          {"reason", text_or_null(intent.reason)},
          {"profiles", list_json(intent.profiles, [](const std::string& name) { return escape(name); })},
          {"accepted", intent.accepted},
          {"boot_id", text_or_null(intent.origin.boot_id)},
          {"network_namespace", text_or_null(intent.origin.network_namespace)},
          {"netns", text_or_null(intent.origin.netns)},
          {"settings", list_json(intent.settings, setting_json)},
          {"files", list_json(intent.files, file_json)},
          {"files_written", entry.change.decision == Decision::commit},
          {"conflicts", list_json(entry.change.done.value_or(Done{}).conflicts, conflict_json)},
          {"restore", restore_of(entry.change, location)}};
}

// The shape of a plan's setting, so that one reader serves apply and rollback.
Json rollback_setting_json(const SettingChange& change) {
  const Setting& setting = *find_setting(change.key);
  return {
      {"key", change.key},
      {"verdict", name_of(Verdict::change)},
      {"live", or_null(change.before)},
      {"desired", or_null(change.after)},
      {"writes",
       Json::array(
           {{{"layer", name_of(Layer::live)}, {"before", or_null(change.before)}, {"after", or_null(change.after)}}})},
      {"takes_effect", name_of(setting.takes_effect)}};
}

Json drift_json(const Drift& drift) {
  return {{"what", drift.what},
          {"ours", text_or_null(drift.ours)},
          {"found", text_or_null(drift.found)},
          {"change", drift.change}};
}

const std::string& message_of(const Error& error) { return error.message; }

Json pending_json(const Pending& pending) {
  return {{"id", pending.entry.change.intent.id},
          {"seconds_left", pending.left.count()},
          {"deadline", iso_or_null(pending.until)},
          {"overdue", pending.overdue},
          {"in_force", pending.stands},
          {"timers", {{"watchdog", pending.timers.watchdog}, {"path_unit", pending.timers.path_unit}}}};
}

Json recovery_entry(const Recovery& recovery) {
  std::string_view ending = "rolled-back";
  if (recovery.ending == Ending::committed) ending = "committed";
  if (recovery.ending == Ending::gone) ending = "gone";
  return {{"id", recovery.id},
          {"ending", ending},
          {"lapsed", recovery.lapsed},
          {"conflicts", list_json(recovery.leftovers.conflicts, conflict_json)}};
}

}  // namespace

std::string rollback_json(const RollbackPlan& plan, const ChangeReport& report, bool dry_run) {
  Json document = head("rollback");
  document["undoes"] = plan.undoes;
  document["settings"] = list_json(plan.settings, rollback_setting_json);
  document["files"] = list_json(plan.files, file_json);
  document["hazards"] = Json::array();
  document["dry_run"] = dry_run;
  add_report(document, report);
  return written(document);
}

std::string confirm_json(const ConfirmOutcome& outcome, const std::string& location) {
  const HistoryEntry entry{.change = outcome.change, .standing = Standing::in_force};
  Json document = head("confirm");
  document["id"] = outcome.change.intent.id;
  document["state"] = name_of(ChangeState::applied);
  document["changed"] = !outcome.already;
  document["change"] = entry_json(entry, location);
  return written(document);
}

std::string recovery_json(std::span<const Recovery> recoveries, const std::optional<Change>& pending) {
  Json document = head("recover");
  document["pending"] = pending ? Json(pending->intent.id) : Json(nullptr);
  document["recovered"] = list_json(recoveries, recovery_entry);
  document["changed"] = !recoveries.empty();
  return written(document);
}

std::string history_json(std::span<const HistoryEntry> entries, std::span<const Error> damage,
                         const std::string& location) {
  Json document = head("history");
  document["changes"] = list_json(entries, [&](const HistoryEntry& entry) { return entry_json(entry, location); });
  document["damaged"] = list_json(damage, message_of);
  return written(document);
}

std::string status_json(const Status& status, const std::string& location) {
  const auto id_of = [](const HistoryEntry& entry) { return entry.change.intent.id; };
  Json document = head("status");
  document["pending"] = status.pending ? pending_json(*status.pending) : Json(nullptr);
  document["interrupted"] = list_json(status.unfinished, id_of);
  document["damaged"] = list_json(status.damage, message_of);
  document["drift"] = list_json(status.drift, drift_json);
  document["conflicts"] = list_json(status.conflicted, id_of);
  document["last_change"] = status.last ? entry_json(*status.last, location) : Json(nullptr);
  document["restart_required"] = !status.restart.empty();
  return written(document);
}

}  // namespace twctl
