#include "report/history_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/cells.hpp"
#include "base/clock_text.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/file_lines.hpp"
#include "report/change_report.hpp"
#include "report/change_text.hpp"
#include "report/plan_table.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

// Of a change that nobody has decided to keep, or not yet.
std::string unwritten_file(const FileChange& file, const HistoryEntry& entry) {
  const bool pending = entry.standing == Standing::pending;
  const std::string verb(file_verb(file));
  return fmt::format("  {}  {}\n", file.path, pending ? verb + " once it is confirmed" : "not " + verb);
}

// The settings that it has set live, then those of which it has changed lines alone.
std::vector<std::string> keys_of(const Intent& intent) {
  std::vector<std::string> keys;
  for (const SettingChange& setting : intent.settings) keys.push_back(setting.key);
  for (const FileChange& file : intent.files) {
    for (const SettingChange& line : changed_lines(file)) {
      if (!is_one_of(line.key, keys)) keys.push_back(line.key);
    }
  }
  return keys;
}

// The lines whose settings were not set live.
std::string lines_table(const FileChange& file, const Intent& intent) {
  const auto is_live = [&](const SettingChange& line) {
    const auto& settings = intent.settings;
    return std::any_of(settings.begin(), settings.end(), [&](const auto& one) { return one.key == line.key; });
  };
  std::string text;
  for (const SettingChange& line : changed_lines(file)) {
    if (is_live(line)) continue;
    text += fmt::format("    {}  {} -> {}\n", line.key, value_text(line.before, "no line"),
                        value_text(line.after, "no line"));
  }
  return text;
}

std::string changes_table(const HistoryEntry& entry, const Screen& screen) {
  const Intent& intent = entry.change.intent;
  const bool kept = entry.change.decision == Decision::commit;
  std::string text = settings_table(intent.settings, screen);
  for (const FileChange& file : intent.files) {
    text += (kept ? files_table({file}, screen) : unwritten_file(file, entry)) + lines_table(file, intent);
  }
  return text;
}

// Of what no profile asked for: " net.ipv4.tcp_tw_reuse", " net.ipv4.tcp_tw_reuse and 2 more".
std::string keys_text(const std::vector<std::string>& keys) {
  if (keys.empty()) return "";
  const std::string more = keys.size() > 1 ? fmt::format(" and {} more", keys.size() - 1) : "";
  return " " + escape(keys.front()) + more;
}

std::string what_text(const Intent& intent) {
  std::string text(name_of(intent.kind));
  for (const std::string& id : intent.undoes) text += " of " + short_id(id);
  if (!intent.profiles.empty()) text += " " + escape(join(intent.profiles, ", "));
  if (intent.profiles.empty() && intent.kind == ChangeKind::apply) text += keys_text(keys_of(intent));
  if (intent.folded)
    text += fmt::format(", and {} later {}", intent.folded->count, intent.folded->count == 1 ? "one" : "ones");
  return text;
}

// Settings by name where they are few and nothing else names them.
std::string counts_text(const Intent& intent) {
  constexpr std::size_t kNamed = 2;
  const std::vector<std::string> keys = keys_of(intent);
  const std::size_t count = keys.size();
  const bool named = intent.kind == ChangeKind::apply && intent.profiles.empty();
  std::vector<std::string> counts;
  if (named || count == 0 || count > kNamed) {
    if (count > 0 || intent.files.empty()) counts.push_back(counted(count, "setting"));
  } else {
    for (const std::string& key : keys) counts.push_back(escape(key));
  }
  if (!intent.files.empty()) counts.push_back(counted(intent.files.size(), "file"));
  return join(counts, ", ");
}

std::string history_head(const HistoryEntry& entry) {
  const Intent& intent = entry.change.intent;
  return fmt::format("{}  {}  {:<11}", short_id(intent.id), time_text(intent.author.time), to_text(entry.standing));
}

// Nobody took it back: its deadline did, or a restart.
std::string lapse_text(const Change& change) {
  if (!change.lapsed || !change.decided_by) return "";
  if (!change.done) {
    return fmt::format("; not confirmed: to go back by itself since {}, and not back yet",
                       time_text(change.decided_by->time));
  }
  if (change.done->ending == Ending::gone) return "; not confirmed";
  return fmt::format("; not confirmed: rolled back by itself at {}", time_text(change.decided_by->time));
}

std::string history_action(const HistoryEntry& entry, const Accounts& accounts) {
  const Intent& intent = entry.change.intent;
  const std::string text = fmt::format("{} ({}){}, by {}", what_text(intent), counts_text(intent),
                                       namespace_text(intent.origin), who_in_short(intent.author, accounts));
  return text + (intent.reason.empty() ? "" : ": " + escape(intent.reason)) + lapse_text(entry.change);
}

// In one line where it fits, else the action below, `indent` to the right.
std::string history_line(const HistoryEntry& entry, const Accounts& accounts, std::string_view label,
                         std::size_t indent, const Screen& screen) {
  const std::string head = std::string(label) + history_head(entry);
  const std::string action = history_action(entry, accounts);
  const std::string line = head + "  " + action;
  if (cells_of(line) <= screen.columns) return line + "\n";
  return std::string(trim(head)) + "\n" + wrapped(action, screen.columns, std::string(indent, ' '));
}

std::string last_change_text(const HistoryEntry& entry, const Accounts& accounts, const Screen& screen) {
  constexpr std::string_view kLabel = "Last change: ";
  return history_line(entry, accounts, kLabel, kLabel.size(), screen);
}

// Which ones they were is of interest only for a few.
std::string folded_text(const Folded& folded, const Screen& screen) {
  constexpr std::size_t kShown = 8;
  std::string text = fmt::format("{}, the last of {}", counted(folded.count, "later change"), time_text(folded.until));
  const std::size_t left_out = folded.ids.size() > kShown ? folded.ids.size() - kShown : 0;
  if (folded.count == folded.ids.size() && left_out == 0) {
    std::vector<std::string> ids;
    for (const std::string& id : folded.ids) ids.push_back(short_id(id));
    text += ": " + join(ids, ", ");
  }
  return labelled("folded in", text, screen);
}

std::string conflicts_text(const std::vector<Conflict>& conflicts, const Screen& screen) {
  std::string text;
  for (const Conflict& conflict : conflicts) {
    const std::string found = conflict.is_file() ? "" : " = " + shown(conflict.found);
    text += labelled("kept", escape(conflict.what) + found + ", because somebody else had set it", screen);
  }
  return text;
}

// Only where it was somebody's later word: else it is the same run's.
std::string decision_text(const Change& change, const Accounts& accounts, const Screen& screen) {
  if (!change.intent.deadline || !change.decided_by) return "";
  const std::string when = time_text(change.decided_by->time);
  if (change.lapsed && !change.done)
    return labelled("goes back", when + ", not confirmed in time; not back yet", screen);
  if (change.lapsed) return labelled("went back", when + ", not confirmed in time", screen);
  const std::string_view what = change.decision == Decision::commit ? "confirmed" : "taken back";
  const std::string reason = change.decision_reason.empty() ? "" : ": " + escape(change.decision_reason);
  return labelled(what, fmt::format("{}, by {}{}", when, who(*change.decided_by, accounts), reason), screen);
}

bool is_file(const Drift& drift) { return drift.ours.empty() && drift.found.empty(); }

std::string drift_line(const Drift& drift) {
  if (is_file(drift)) return fmt::format("{} is no longer as change {} left it", drift.what, short_id(drift.change));
  return fmt::format("{} is {}; change {} left {}", drift.what, escape(drift.found), short_id(drift.change),
                     escape(drift.ours));
}

// What would be confirmed must be what was applied and tested.
std::string refused_until(const Drift& drift) {
  return fmt::format("; confirm refuses until it is {} again", is_file(drift) ? "so" : escape(drift.ours));
}

// A command is not wrapped: it is there to be copied.
std::string step(std::string_view what, const std::string& arguments, const Status& status,
                 const std::string& location) {
  if (arguments.empty()) return "";
  return fmt::format("  {}: {}\n", what, command_in(status.host.netns, "apply " + arguments, location));
}

// While another change waits nothing can be applied.
std::string drift_steps(const Drift& drift, const Status& status, const std::string& location) {
  if (status.pending) return "";
  if (is_file(drift)) {
    const bool there = drift.file_there;
    return step(there ? "to have it as it was, move this one away, then" : "as it was", drift.back, status, location);
  }
  return step("back to " + escape(drift.ours), drift.back, status, location) +
         step("keep " + escape(drift.found), drift.keep, status, location);
}

std::string drift_text(const Drift& drift, const Status& status, const std::string& location, const Screen& screen) {
  const bool of_pending = status.pending && drift.change == status.pending->entry.change.intent.id;
  return wrapped(drift_line(drift) + (of_pending ? refused_until(drift) : ""), screen.columns, "Drift: ") +
         drift_steps(drift, status, location);
}

std::string next_boot_text(const NextBoot& one, const Status& status, const std::string& location,
                           const Screen& screen) {
  const std::string next = one.next ? "will be " + escape(*one.next) + ", not" : "may not be";
  const bool can_write = !status.pending && std::none_of(status.drift.begin(), status.drift.end(), is_file);
  return wrapped(fmt::format("{} {} {}: {}", one.key, next, escape(one.ours), one.why), screen.columns, "Next boot: ") +
         (can_write ? step("write it again", one.back, status, location) : "");
}

// "change 3f2a1b0c (network namespace blue)"
std::string change_named(const Intent& intent) {
  return "change " + short_id(intent.id) + namespace_text(intent.origin);
}

std::string timers_line(const Pending& pending, const Screen& screen) {
  return wrapped(timers_text(pending.timers, ""), screen.columns, "Timers: ");
}

// A command is not wrapped: it is there to be copied.
std::string waiting_status(const Pending& pending, const Screen& screen) {
  const Intent& intent = pending.entry.change.intent;
  const std::string when = pending.until ? ", at " + time_text(*pending.until) : "";
  const std::string line =
      fmt::format("Pending: {} goes back in {} s{}.", change_named(intent), pending.left.count(), when);
  return inked(screen, Ink::change, wrapped(line, screen.columns)) + fmt::format("Keep it: {}\n", pending.keep) +
         timers_line(pending, screen);
}

std::string overdue_status(const Pending& pending, const std::string& recover, const Screen& screen) {
  const Intent& intent = pending.entry.change.intent;
  const std::string line =
      fmt::format("OVERDUE: {} was not confirmed in time; nothing has taken it back.", change_named(intent));
  return inked(screen, Ink::danger, wrapped(line, screen.columns)) + fmt::format("Run: {}\n", recover) +
         timers_line(pending, screen);
}

// Only its end is still to be recorded, from where one stands.
std::string gone_back_status(const Pending& pending, const std::string& recover, const Screen& screen) {
  const std::string line =
      fmt::format("Not confirmed in time: {} is no longer in force.", change_named(pending.entry.change.intent));
  return inked(screen, Ink::change, wrapped(line, screen.columns)) + fmt::format("Close it: {}\n", recover);
}

std::string pending_status(const Pending& pending, const std::string& recover, const Screen& screen) {
  if (!pending.overdue) return waiting_status(pending, screen);
  return pending.stands ? overdue_status(pending, recover, screen) : gone_back_status(pending, recover, screen);
}

std::string not_looked_at_text(const NotLookedAt& one, const Screen& screen) {
  std::string which = "another network namespace";
  if (!one.netns.empty()) which = "network namespace " + escape(one.netns);
  if (one.is_hosts_own) which = "the host's own network namespace";
  const std::string where = which + ", where changes are in force";
  if (one.see.empty()) return wrapped(where + ": see `twctl status` in it", screen.columns, "Not looked at: ");
  return wrapped(where, screen.columns, "Not looked at: ") + fmt::format("  see: {}\n", one.see);
}

std::string until_boot_text(const UntilBoot& one, const Screen& screen) {
  return wrapped(fmt::format("{} is {} until the next boot, then {} (change {})", one.key, escape(one.ours),
                             escape(one.next), short_id(one.change)),
                 screen.columns, "Live only: ");
}

}  // namespace

std::string history_text(std::span<const HistoryEntry> entries, const JournalHost& host, const Screen& screen) {
  constexpr std::size_t kBelowTheDate = 10;
  if (entries.empty()) return "No change has been made on this host.\n";
  std::string text;
  for (const HistoryEntry& entry : entries) text += history_line(entry, host.accounts, "", kBelowTheDate, screen);
  return text;
}

std::string change_text(const HistoryEntry& entry, const JournalHost& host, const Screen& screen) {
  const Intent& intent = entry.change.intent;
  std::string text = inked(screen, Ink::strong, fmt::format("Change {}", intent.id)) + "\n";
  text += labelled("what", what_text(intent), screen);
  text += labelled("state", to_text(entry.standing), screen);
  text += labelled("when", time_text(intent.author.time), screen);
  text += labelled("who", who(intent.author, host.accounts), screen);
  if (intent.deadline_time) text += labelled("deadline", time_text(*intent.deadline_time), screen);
  text += decision_text(entry.change, host.accounts, screen);
  if (intent.folded) text += folded_text(*intent.folded, screen);
  text += labelled("why", intent.reason.empty() ? "not said" : escape(intent.reason), screen);
  if (!intent.accepted.empty()) text += labelled("accepted", escape(join(intent.accepted, ", ")), screen);
  if (!intent.origin.netns.empty()) text += labelled("netns", escape(intent.origin.netns), screen);
  if (entry.change.done) text += conflicts_text(entry.change.done->conflicts, screen);
  text += "\n" + changes_table(entry, screen);
  const std::string restore = restore_text(restore_of(entry, host.location), screen);
  if (restore.empty()) return text;
  text += "\n" + restore;
  if (entry.later.empty()) return text;
  const std::string there = command_at(entry.netns, intent.origin, "rollback " + short_id(intent.id), host.location);
  return text + wrapped(fmt::format("{} wrote here later: by hand that goes too; `{}` leaves it, or refuses.",
                                    short_id(entry.later),
                                    there.empty() ? command_for(intent, "rollback", host.location) : there),
                        screen.columns, "note: ");
}

std::string status_text(const Status& status, const JournalHost& host, const Screen& screen) {
  std::string text;
  if (status.pending) text += pending_status(*status.pending, status.recover, screen);
  for (const HistoryEntry& entry : status.in_progress) {
    text +=
        wrapped(fmt::format("In progress: a run is at work on {}.", change_named(entry.change.intent)), screen.columns);
  }
  for (const HistoryEntry& entry : status.interrupted) {
    text += wrapped(fmt::format("Interrupted: {} has no end; `{}` finishes or undoes it.",
                                change_named(entry.change.intent), status.recover),
                    screen.columns);
  }
  for (const Error& damage : status.damage) {
    text += inked(screen, Ink::danger, wrapped(damage.message + "; " + damage.hint, screen.columns, "Damaged: "));
  }
  for (const Drift& drift : status.drift) text += drift_text(drift, status, host.location, screen);
  if (status.next_boot_unknown) {
    text += wrapped("not known: " + status.next_boot_unknown->message, screen.columns, "Next boot: ");
  }
  for (const NextBoot& one : status.next_boot) text += next_boot_text(one, status, host.location, screen);
  for (const HistoryEntry& entry : status.conflicted) {
    text += wrapped(fmt::format("{} kept what somebody else had set: see `{}`", change_named(entry.change.intent),
                                history_command(entry.change.intent, host.location)),
                    screen.columns, "Conflict: ");
  }
  const std::string restart = restart_text(status.restart);
  if (!restart.empty()) text += inked(screen, Ink::change, wrapped(restart + ".", screen.columns, "Restart "));
  if (text.empty() && status.last) {
    text = fmt::format("Everything {}is as twctl left it. Nothing is pending.\n",
                       status.not_looked_at.empty() ? "" : "here ");
  }
  for (const NotLookedAt& one : status.not_looked_at) text += not_looked_at_text(one, screen);
  for (const UntilBoot& one : status.until_boot) text += until_boot_text(one, screen);
  if (!status.last) return status.damage.empty() ? "No change has been made on this host.\n" : text;
  return text + last_change_text(*status.last, host.accounts, screen);
}

}  // namespace twctl
