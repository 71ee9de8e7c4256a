#include "report/change_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/cells.hpp"
#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "report/plan_table.hpp"
#include "report/plan_words.hpp"
#include "rules/host_view.hpp"

namespace twctl {
namespace {

// An empty value would look like a gap in the table.
std::string files_text(const std::vector<FileChange>& files) {
  std::string text;
  for (const FileChange& file : files)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", file.path, file_verb(file));
  return text;
}

std::string restart_line(const std::vector<std::string>& keys, const Screen& screen) {
  return keys.empty() ? "" : labelled("restart", restart_text(keys), screen);
}

// Nothing is on disk by now; with --scope boot nothing is live either.
std::string pending_line(const Plan& plan, const ChangeReport& report) {
  if (report.values_set && plan.scope == Scope::live && plan.host.os == Os::linux_kernel) {
    return "Pending: live values are set and read back; nothing goes to disk (--scope live). Unless confirmed, they go "
           "back at the deadline, and a reboot takes them back at once.";
  }
  if (report.values_set) {
    return "Pending: live values are set and read back. Nothing is on disk yet: unless confirmed, they go back at the "
           "deadline, and a reboot takes them back at once.";
  }
  return fmt::format(
      "Pending: nothing has changed yet. {} is written once the change is confirmed, and neither after the deadline "
      "nor after a reboot.",
      escape(plan.boot_file));
}

std::string limit_text(const Wait& wait) {
  return fmt::format("within {} s, until {}", wait.left.count(), time_text(wait.until));
}

std::string quiet_pending_text(const ChangeReport& report, const Screen& screen) {
  const std::string line = fmt::format("Pending: {} ({})", report.keep, limit_text(*report.wait));
  return inked(screen, Ink::change, line) + "\n";
}

std::string pending_text(const Plan& plan, const ChangeReport& report, const Screen& screen) {
  std::string text = inked(screen, Ink::change, wrapped(pending_line(plan, report), screen.columns));
  text += labelled("change", report.id, screen);
  text += labelled("keep", report.keep, screen);  // a line by itself, there to be copied
  text += labelled("", limit_text(*report.wait), screen);
  text += labelled("undo", report.undo, screen);
  return text + labelled("timers", timers_text(report.wait->timers, report.wait->unit), screen) +
         restore_text(report.restore, screen);
}

// Whether the next boot brings another value than what has been written live.
bool goes_with_boot(const PlannedSetting& planned) {
  const Write* write = planned.write_in(Layer::live);
  return write != nullptr && planned.boot && planned.boot != write->after;
}

// What was accepted: a line that does not decide at the next boot.
std::string lost_text(const Plan& plan, const Screen& screen) {
  std::string text;
  for (const PlannedSetting& planned : plan.settings) {
    if (!loses_at_boot(planned)) continue;
    const std::string lost = fmt::format("But {} will not be {} after the next boot: {}.", planned.setting->key,
                                         value_text(planned.desired, "without a line"), planned.boot_verdict->note);
    text += inked(screen, Ink::danger, wrapped(lost, screen.columns));
  }
  return text;
}

// How long the live values of a change last, where no boot file brings them back.
std::string_view how_long(const Plan& plan) {
  if (plan.host.os != Os::linux_kernel) return "";
  if (no_boot_file_sets(plan.host)) return ", until their network namespace ends";
  const bool goes = std::any_of(plan.settings.begin(), plan.settings.end(), goes_with_boot);
  return plan.scope == Scope::live && goes ? ", until the next boot" : "";
}

std::string done_line(const Plan& plan, const ChangeReport& report) {
  const std::string file = escape(plan.boot_file);
  const std::string edits = edits_text(plan);
  if (plan.scope == Scope::boot) {
    if (plan.host.captured || !plan.host.live) return fmt::format("Done; {} is on disk{}.", file, edits);
    return fmt::format("Done; {} is on disk{}. Live values are unchanged until the next boot.", file, edits);
  }
  const bool file_alone = report.file_written && !report.values_set;
  const std::string_view values = plan.host.os == Os::windows ? "registry" : "live";
  std::string done = "Done";
  if (!file_alone) done += fmt::format(": {} values are set and read back{}", values, how_long(plan));
  if (report.file_written) done += fmt::format("; {} is on disk{}", file, edits);
  if (report.file_written && is_other_namespace(plan.host)) done += ", for the host's own network namespace";
  return done + (file_alone ? ". Live values were as wanted already." : ".");
}

// Of a confirmed change that has no file. What the next boot brings instead is said of each value by itself.
std::string kept_live(const ConfirmOutcome& outcome, const Status& status) {
  const Intent& intent = outcome.change.intent;
  const bool in_namespace = !intent.origin.netns.empty() || is_other_namespace(status.host);
  return in_namespace ? " until its network namespace ends; no file was changed" : "; no file was changed";
}

}  // namespace

std::string_view file_verb(const FileChange& file) {
  if (!file.before) return "written";
  return file.after ? "changed" : "removed";
}

// "~ net.ipv4.tcp_fin_timeout  60 -> 30", keys aligned.
std::string settings_table(const std::vector<SettingChange>& settings, const Screen& screen) {
  std::size_t width = 0;
  for (const SettingChange& setting : settings) width = std::max(width, cells_of(setting.key));
  std::string text;
  for (const SettingChange& setting : settings) {
    text += inked(screen, Ink::change, padded("~ " + setting.key, width + 2)) +
            fmt::format("  {} -> {}\n", value_text(setting.before, "absent"), value_text(setting.after, "absent"));
  }
  return text;
}

std::string files_table(const std::vector<FileChange>& files, const Screen& screen) {
  std::string text;
  for (const FileChange& file : files) {
    text += inked(screen, Ink::change, "~ " + file.path) + fmt::format("  {}\n", file_verb(file));
  }
  return text;
}

// Commands are not wrapped: they are there to be copied.
std::string restore_text(const std::vector<std::string>& commands, const Screen& screen) {
  if (commands.empty()) return "";
  std::string text = labelled("by hand", "without twctl:", screen);
  for (const std::string& command : commands) text += fmt::format("{:15}{}\n", "", command);
  return text;
}

std::string confirmable_text(const ConfirmOutcome& outcome, const Screen& screen) {
  const Intent& intent = outcome.change.intent;
  if (outcome.already) return fmt::format("Change {} was confirmed before.\n", short_id(intent.id));
  return inked(screen, Ink::strong, fmt::format("Change {} awaits confirmation", short_id(intent.id))) + "\n" +
         files_table(intent.files, screen);
}

std::string confirmed_text(const ConfirmOutcome& outcome, const Status& status, const std::string& location,
                           const Screen& screen) {
  const Intent& intent = outcome.change.intent;
  if (outcome.already) return fmt::format("Change {} was confirmed before; nothing was done.\n", short_id(intent.id));
  std::string done = fmt::format("Confirmed: change {} stays", short_id(intent.id));
  done += intent.files.empty() ? kept_live(outcome, status) : "; " + files_text(intent.files);
  for (const UntilBoot& one : status.until_boot) {
    if (one.change == intent.id)
      done += fmt::format("; {} only until the next boot, then {}", one.key, escape(one.next));
  }
  for (const NextBoot& one : status.next_boot) {  // somebody else's line has come meanwhile
    const bool ours = std::any_of(intent.settings.begin(), intent.settings.end(),
                                  [&](const SettingChange& setting) { return setting.key == one.key; });
    if (ours) done += fmt::format("; {} only until the next boot: {}", one.key, one.why);
  }
  // What is there by now may have been the watchdog's own; rollback says then where the namespace is, or closes it.
  const std::string undo = "rollback " + short_id(intent.id);
  return inked(screen, Ink::good, wrapped(done + ".", screen.columns)) +
         labelled("undo", command_in(outcome.moved ? "" : intent.origin.netns, undo, location), screen);
}

std::string applied_text(const Plan& plan, const ChangeReport& report, const Screen& screen) {
  if (report.state == ChangeState::pending) return pending_text(plan, report, screen);
  const std::string restart = restart_line(report.restart, screen);
  if (report.state == ChangeState::unchanged) return wrapped("Nothing was changed.", screen.columns) + restart;
  return inked(screen, Ink::good, wrapped(done_line(plan, report), screen.columns)) + lost_text(plan, screen) +
         restart + labelled("change", report.id, screen) + labelled("undo", report.undo, screen) +
         restore_text(report.restore, screen);
}

std::string quiet_text(const ChangeReport& report, const Screen& screen) {
  if (report.state == ChangeState::pending) return quiet_pending_text(report, screen);
  if (report.id.empty()) return "";
  return fmt::format("{}; undo: {}\n", inked(screen, Ink::good, "Done: change " + short_id(report.id)), report.undo);
}

std::string rollback_plan_text(const RollbackPlan& plan, const Screen& screen) {
  if (plan.undoes.empty()) return "Nothing is left to roll back.\n";
  std::vector<std::string> ids;
  for (const std::string& id : plan.undoes) ids.push_back(short_id(id));
  std::string text = inked(screen, Ink::strong, "Rollback of " + join(ids, ", ")) + "\n\n";
  text += settings_table(plan.settings, screen) + files_table(plan.files, screen);
  for (const Intent& intent : plan.gone) {
    text += fmt::format("  change {}{} went with its network namespace: it is closed\n", short_id(intent.id),
                        namespace_text(intent.origin));
  }
  for (const std::string& key : plan.left) {
    text += fmt::format("  {}: what was set went with a restart; it stays as it is\n", key);
  }
  for (const Conflict& file : plan.given_up) {
    text += fmt::format("  {}: not as that left it, or another mount's; it stays as it is\n", escape(file.what));
  }
  const bool nothing = plan.settings.empty() && plan.files.empty() && plan.gone.empty() && plan.left.empty();
  if (nothing) text += "  every value and file is as it was before\n";
  return text;
}

std::string rolled_back_text(const RollbackPlan& plan, const ChangeReport& report, const Screen& screen) {
  if (report.state == ChangeState::unchanged) return "";
  std::vector<std::string> deeds;
  if (!plan.settings.empty()) deeds.push_back(counted(plan.settings.size(), "setting") + " set and read back");
  if (!plan.files.empty()) deeds.push_back(files_text(plan.files));
  const std::string done = "Done: " + (deeds.empty() ? "nothing was left to do" : join(deeds, "; "));
  std::string page =
      inked(screen, Ink::good, wrapped(done + ".", screen.columns)) + restart_line(report.restart, screen);
  if (report.restore.empty()) return page;  // it had never been confirmed: no change of its own
  return page + labelled("change", report.id, screen) + labelled("undo", report.undo, screen) +
         restore_text(report.restore, screen);
}

std::string recovery_text(const Ended& recovery) {
  std::string_view ending = "rolled back";
  if (recovery.change.done->ending == Ending::committed) ending = "finished";
  if (recovery.change.done->ending == Ending::gone) ending = "closed: its network namespace is gone";
  const std::string_view why = recovery.change.lapsed ? "was not confirmed in time" : "had been interrupted";
  std::string text = fmt::format("twctl: change {} {} and was {}\n", short_id(recovery.change.intent.id), why, ending);
  for (const Conflict& conflict : recovery.leftovers.conflicts) {
    const std::string found = conflict.is_file() ? "" : " = " + shown(conflict.found);
    text += fmt::format("twctl: {}{} is somebody else's and was kept\n", escape(conflict.what), found);
  }
  return text;
}

std::string left_text(const Error& error) { return fmt::format("twctl: left as it is: {}\n", error.message); }

}  // namespace twctl
