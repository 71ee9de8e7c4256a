#include "report/change_json.hpp"

#include <fmt/format.h>

#include "base/clock_text.hpp"
#include "catalog/setting.hpp"
#include "journal/change_words.hpp"
#include "json/json.hpp"
#include "report/plan_json.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

Json time_or_null(const std::optional<std::int64_t>& time) { return time ? Json(time_iso(*time)) : Json(nullptr); }

// An apply that has nothing to write has taken over what somebody else had set.
Json setting_changes_json(const Intent& intent) {
  return list_json(intent.settings, [&](const SettingChange& setting) {
    const bool taken_over = intent.kind == ChangeKind::apply && !intent.folded && setting.before == setting.after;
    return Json{{"key", setting.key},
                {"before", value_json(setting.before)},
                {"after", value_json(setting.after)},
                {"taken_over", taken_over}};
  });
}

Json file_json(const FileChange& file) {
  return {{"path", bytes_json(file.path)}, {"before", value_json(file.before)}, {"after", value_json(file.after)}};
}

Json conflict_json(const Conflict& conflict) {
  return {{"what", bytes_json(conflict.what)}, {"found", bytes_or_null(conflict.found)}};
}

Json who_json(const RunFacts& author) {
  const bool has_uid = author.account.empty();
  return {{"login_uid", number_or_null(author.login_uid)},
          {"uid", has_uid ? Json(author.uid) : Json(nullptr)},
          {"account", bytes_or_null(author.account)},
          {"sudo_user_claimed", bytes_or_null(author.sudo_user)}};
}

Json decided_json(const Change& change) {
  if (!change.decided_by) return nullptr;
  return {{"time", time_iso(change.decided_by->time)},
          {"who", who_json(*change.decided_by)},
          {"lapsed", change.lapsed},
          {"reason", bytes_or_null(change.decision_reason)}};
}

Json folded_json(const std::optional<Folded>& folded) {
  if (!folded) return nullptr;
  return {{"count", folded->count}, {"until", time_iso(folded->until)}, {"ids", folded->ids}};
}

Json history_entry_json(const HistoryEntry& entry, const std::string& location) {
  const Intent& intent = entry.change.intent;
  return {{"id", intent.id},
          {"sequence", intent.sequence},
          {"kind", name_of(intent.kind)},
          {"undoes", intent.undoes},
          {"folded", folded_json(intent.folded)},
          {"state", to_text(entry.standing)},
          {"time", time_iso(intent.author.time)},
          {"who", who_json(intent.author)},
          {"deadline", time_or_null(intent.deadline_time)},
          {"decided", decided_json(entry.change)},
          {"reason", bytes_or_null(intent.reason)},
          {"profiles", list_json(intent.profiles, bytes_json)},
          {"accepted", list_json(intent.accepted, bytes_json)},
          {"boot_id", bytes_or_null(intent.origin.boot_id)},
          {"network_namespace", bytes_or_null(intent.origin.network_namespace)},
          {"netns", bytes_or_null(intent.origin.netns)},
          {"settings", setting_changes_json(intent)},
          {"files", list_json(intent.files, file_json)},
          {"files_written", entry.change.decision == Decision::commit},
          {"conflicts", list_json(entry.change.done.value_or(Done{}).conflicts, conflict_json)},
          {"restore", list_json(restore_of(entry, location), bytes_json)}};
}

// The shape of a plan's setting, so that one reader serves apply and rollback.
Json rollback_setting_json(const SettingChange& change) {
  const Setting& setting = *find_setting(change.key);
  return {{"key", change.key},
          {"verdict", name_of(Verdict::change)},
          {"live", value_json(change.before)},
          {"desired", value_json(change.after)},
          {"writes", Json::array({{{"layer", name_of(Layer::live)},
                                   {"before", value_json(change.before)},
                                   {"after", value_json(change.after)}}})},
          {"takes_effect", name_of(setting.takes_effect)}};
}

Json drift_json(const Drift& drift) {
  return {{"what", bytes_json(drift.what)},
          {"ours", bytes_or_null(drift.ours)},
          {"found", bytes_or_null(drift.found)},
          {"change", drift.change}};
}

Json until_boot_json(const UntilBoot& one) {
  return {{"key", one.key}, {"ours", bytes_json(one.ours)}, {"next", bytes_json(one.next)}, {"change", one.change}};
}

Json next_boot_json(const NextBoot& one) {
  return {{"key", one.key},
          {"ours", bytes_json(one.ours)},
          {"next", value_json(one.next)},
          {"why", one.why},
          {"change", text_or_null(one.change)}};
}

Json netns_json(const NotLookedAt& one) { return bytes_or_null(one.netns); }

const std::string& message_of(const Error& error) { return error.message; }

Json timers_json(const ArmedTimers& timers) { return {{"watchdog", timers.watchdog}, {"path_unit", timers.path_unit}}; }

Json pending_json(const Pending& pending) {
  return {{"id", pending.entry.change.intent.id},
          {"seconds_left", pending.left.count()},
          {"deadline", time_or_null(pending.until)},
          {"overdue", pending.overdue},
          {"in_force", pending.stands},
          {"timers", timers_json(pending.timers)}};
}

Json recovery_entry(const Ended& recovery) {
  std::string_view ending = "rolled-back";
  if (recovery.change.done->ending == Ending::committed) ending = "committed";
  if (recovery.change.done->ending == Ending::gone) ending = "gone";
  return {{"id", recovery.change.intent.id},
          {"ending", ending},
          {"lapsed", recovery.change.lapsed},
          {"conflicts", list_json(recovery.leftovers.conflicts, conflict_json)}};
}

Json wait_json(const std::optional<Wait>& wait) {
  if (!wait) return nullptr;
  return {
      {"seconds_left", wait->left.count()}, {"deadline", time_iso(wait->until)}, {"timers", timers_json(wait->timers)}};
}

Json diff_json(const DiffSides& sides) {
  return {{"before", bytes_json(sides.before)}, {"after", bytes_json(sides.after)}};
}

// What apply and rollback both tell of what they did.
void add_report(Json& document, const ChangeReport& report) {
  document["dry_run"] = report.dry_run;
  document["id"] = text_or_null(report.id);
  document["state"] = name_of(report.state);
  document["changed"] = report.state != ChangeState::unchanged;
  document["restart_required"] = !report.restart.empty();
  document["accepted"] = list_json(report.accepted, bytes_json);
  document["diff"] = diff_json(report.diff);
  document["restore"] = list_json(report.restore, bytes_json);
}

}  // namespace

std::string apply_json(const Plan& plan, const ChangeReport& report) {
  Json document = plan_document(plan, "apply");
  add_report(document, report);
  document["pending"] = wait_json(report.wait);
  document["confirm_diff"] = report.confirm_diff ? diff_json(*report.confirm_diff) : Json(nullptr);
  return document_text(document);
}

std::string rollback_json(const RollbackPlan& plan, const ChangeReport& report) {
  Json document = document_of("rollback");
  document["undoes"] = plan.undoes;
  document["settings"] = list_json(plan.settings, rollback_setting_json);
  document["files"] = list_json(plan.files, file_json);
  document["given_up"] = list_json(plan.given_up, [](const Conflict& file) { return bytes_json(file.what); });
  document["hazards"] = Json::array();
  add_report(document, report);
  return document_text(document);
}

std::string confirm_json(const ConfirmOutcome& outcome, bool dry_run, const std::string& location) {
  const Standing standing = dry_run && !outcome.already ? Standing::pending : Standing::in_force;
  const HistoryEntry entry{.change = outcome.change, .standing = standing};
  const DiffSides written = outcome.already ? DiffSides() : diff_sides({}, outcome.change.intent.files);
  Json document = document_of("confirm");
  document["id"] = outcome.change.intent.id;
  document["dry_run"] = dry_run;
  document["state"] = name_of(ChangeState::applied);
  document["changed"] = !outcome.already;
  document["diff"] = diff_json(written);
  document["change"] = history_entry_json(entry, location);
  return document_text(document);
}

std::string recovery_json(std::span<const Ended> recoveries, const std::optional<Change>& pending) {
  Json document = document_of("recover");
  document["pending"] = pending ? Json(pending->intent.id) : Json(nullptr);
  document["recovered"] = list_json(recoveries, recovery_entry);
  document["changed"] = !recoveries.empty();
  return document_text(document);
}

Result<void> write_history_json(std::span<const HistoryEntry> entries, const WholeFiles& whole,
                                std::vector<Error>& damage, const std::string& location, const WriteText& write) {
  const std::string document = document_text(document_of("history"));
  TRY_VOID(write(document.substr(0, document.rfind("\n}")) + ",\n  \"changes\": ["));
  std::string_view before = "\n    ";
  for (const HistoryEntry& entry : entries) {
    Result<std::optional<std::vector<FileChange>>> files = whole(entry.change);
    if (!files) damage.push_back(std::move(files).error());
    if (!files || !*files) continue;
    HistoryEntry shown = entry;
    shown.change.intent.files = **std::move(files);
    TRY_VOID(write(std::string(before) + nested_text(history_entry_json(shown, location), 4)));
    before = ",\n    ";
  }
  const std::string_view end = before.starts_with(',') ? "\n  ]" : "]";
  return write(fmt::format("{},\n  \"damaged\": {}\n}}\n", end, nested_text(list_json(damage, message_of), 2)));
}

std::string status_json(const Status& status, const std::string& location) {
  const auto id_of = [](const HistoryEntry& entry) { return entry.change.intent.id; };
  Json document = document_of("status");
  document["pending"] = status.pending ? pending_json(*status.pending) : Json(nullptr);
  document["in_progress"] = list_json(status.in_progress, id_of);
  document["interrupted"] = list_json(status.interrupted, id_of);
  document["damaged"] = list_json(status.damage, message_of);
  document["drift"] = list_json(status.drift, drift_json);
  document["next_boot"] = list_json(status.next_boot, next_boot_json);
  document["next_boot_unknown"] = status.next_boot_unknown ? Json(status.next_boot_unknown->message) : Json(nullptr);
  document["until_boot"] = list_json(status.until_boot, until_boot_json);
  document["not_looked_at"] = list_json(status.not_looked_at, netns_json);
  document["conflicts"] = list_json(status.conflicted, id_of);
  document["last_change"] = status.last ? history_entry_json(*status.last, location) : Json(nullptr);
  document["restart_required"] = !status.restart.empty();
  return document_text(document);
}

}  // namespace twctl
