#include "report/change_report.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/backup.hpp"
#include "journal/change_words.hpp"

namespace twctl {
namespace {

// What may end a watchdog that runs in that unit.
std::string end_of_watchdog(const std::string& unit) {
  if (unit.empty()) return "it may end when you log out";
  if (!unit.starts_with("session-")) return fmt::format("it ends where {} is stopped", escape(unit));
  return fmt::format("it may end when you log out: with {}, if logind.conf has KillUserProcesses=yes", escape(unit));
}

bool has_gone_back(const Change& change) { return change.done && change.done->ending != Ending::committed; }

}  // namespace

Intent carried_out(const Change& change) {
  Intent intent = change.intent;
  if (change.decision != Decision::commit) intent.files.clear();
  return intent;
}

std::vector<std::string> restore_of(const Change& change, const std::string& location) {
  if (has_gone_back(change)) return {};
  return restore_commands(carried_out(change), location + "/" + change.folder);
}

std::vector<std::string> restore_of(const HistoryEntry& entry, const std::string& location) {
  Change change = entry.change;
  if (entry.where == Whereabouts::gone) change.intent.settings.clear();
  if (!entry.netns.empty()) change.intent.origin.netns = entry.netns;
  return restore_of(change, location);
}

ChangeReport report_of(const std::optional<Change>& change, ChangeState state, const std::string& location) {
  if (!change) return {};
  const Intent intent = carried_out(*change);
  ChangeReport report{.state = state,
                      .id = intent.id,
                      .keep = command_for(intent, "confirm", location),
                      .undo = command_for(intent, "rollback", location),
                      .accepted = intent.accepted,
                      .values_set = !intent.settings.empty(),
                      .file_written = !intent.files.empty(),
                      .diff = diff_sides(intent.settings, intent.files),
                      .restore = restore_of(*change, location)};
  if (has_gone_back(*change)) std::swap(report.diff.before, report.diff.after);
  if (state == ChangeState::pending) report.confirm_diff = diff_sides({}, change->intent.files);
  return report;
}

void make_dry(ChangeReport& report) {
  report.dry_run = true;
  report.id.clear();
  report.restore.clear();
}

std::string_view name_of(ChangeState state) {
  switch (state) {
    case ChangeState::unchanged:
      return "unchanged";
    case ChangeState::applied:
      return "applied";
    case ChangeState::pending:
      return "pending";
    case ChangeState::rolled_back:
      return "rolled-back";
  }
  return "";
}

std::string timers_text(const ArmedTimers& timers, const std::string& unit) {
  if (timers.watchdog && timers.path_unit) return "watchdog and twctl-deadline.path";
  if (timers.watchdog) {
    const std::string_view second =
        timers.may_enable ? ". A second timer that does not: systemctl enable --now twctl-deadline.path" : "";
    return fmt::format("watchdog only; {}{}", end_of_watchdog(unit), second);
  }
  return timers.path_unit ? "twctl-deadline.path only: the watchdog has ended" : "none: neither watchdog nor path unit";
}

std::string restart_text(const std::vector<std::string>& keys) {
  if (keys.empty()) return "";
  return fmt::format("needed: {} take{} effect when Windows has started again", join(keys, ", "),
                     keys.size() == 1 ? "s" : "");
}

}  // namespace twctl
