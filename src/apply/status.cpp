#include "apply/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "apply/steps.hpp"
#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "journal/change_words.hpp"
#include "journal/file_lines.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"
#include "journal/values_left.hpp"
#include "observe/observe.hpp"
#include "profile/set_option.hpp"
#include "rules/availability.hpp"
#include "rules/boot_state.hpp"
#include "rules/host_view.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/boot_edit.hpp"
#include "sysctl/boot_limits.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

// "--set KEY=VALUE"; "" where no --set can say that.
std::string wish(Os os, const std::string& key, const std::optional<Value>& value) {
  const std::string text = fmt::format("{}={}", key, value.value_or("unset"));
  const bool can_be_said = (value || os == Os::windows) && parse_set_option(os, text);
  return can_be_said ? "--set " + shell_word(text) : "";
}

// A line in another boot file than twctl's own.
std::string in_file(const std::string& path) { return path == kOwnBootFile ? "" : " --boot-file " + shell_word(path); }

const Change* change_of(const std::vector<Change>& journal, const std::string& id) {
  const auto change =
      std::find_if(journal.begin(), journal.end(), [&](const Change& one) { return one.intent.id == id; });
  return change == journal.end() ? nullptr : &*change;
}

// What the change could not be made without, it cannot be made again without.
std::string made_again(std::string wish, const std::vector<Change>& journal, const std::string& id) {
  const Change* change = change_of(journal, id);
  if (wish.empty() || change == nullptr) return wish;
  for (const std::string& hazard : change->intent.accepted) wish += " --accept " + hazard;
  return wish;
}

// What makes up for the drift of a change writes the boot file that the change wrote, or none; and none where that sets
// the values of another network namespace.
std::string in_scope(std::string wish, const HostFacts& facts, const std::vector<Change>& journal,
                     const std::string& id) {
  const Change* change = change_of(journal, id);
  if (wish.empty() || facts.os == Os::windows || change == nullptr) return wish;
  const std::vector<FileChange>& files = change->intent.files;
  const bool live_only = files.empty() || is_other_namespace(facts);
  return wish + (live_only ? " --scope live" : in_file(files.front().path));
}

// The same of a line that the change left there.
std::string at_boot(const std::string& wish, const std::string& path, const std::vector<Change>& journal,
                    const std::string& id) {
  return wish.empty() ? "" : made_again(wish + " --scope boot" + in_file(path), journal, id);
}

// What writes the lines of our own file again; "" of another file, and of none.
std::string wishes_of(const FileChange& file, const std::vector<Change>& journal, const std::string& id) {
  if (file.path != kOwnBootFile || !file.after) return "";
  std::vector<std::string> wishes;
  for (const OwnLine& line : parse_own_file(*file.after).value_or(std::vector<OwnLine>())) {
    wishes.push_back(wish(Os::linux_kernel, line.key, line.value));
  }
  return at_boot(join(wishes, " "), file.path, journal, id);
}

std::vector<ValueLeft> values_of_ours(Platform& host, const HostFacts& facts, const std::vector<Change>& journal) {
  std::vector<ValueLeft> left = values_left(host, facts, journal);
  std::erase_if(left, [](const ValueLeft& one) { return one.change.empty(); });
  return left;
}

std::vector<Drift> find_drift(Platform& host, const std::vector<Change>& journal, const std::vector<ValueLeft>& values,
                              const HostFacts& facts) {
  std::vector<Drift> drift;
  for (const ValueLeft& left : values) {
    const Result<std::optional<Value>> now = value_in_force(host.settings(), *find_setting(left.key));
    if (now && *now == left.value) continue;
    const auto to_have = [&](const std::optional<Value>& value) {
      return made_again(in_scope(wish(facts.os, left.key, value), facts, journal, left.change), journal, left.change);
    };
    drift.push_back({.what = left.key,
                     .ours = left.value.value_or("absent"),
                     .found = now ? now->value_or("absent") : "not readable",
                     .change = left.change,
                     .back = to_have(left.value),
                     .keep = now ? to_have(*now) : ""});
  }
  for (const auto& [file, change] : files_left(journal)) {
    const Result<std::optional<std::string>> found = host.boot_files().read(file.path);
    if (found && holds(*found, file.after)) continue;
    drift.push_back({.what = file.path,
                     .ours = "",
                     .found = "",
                     .change = change,
                     .back = wishes_of(file, journal, change),
                     .file_there = !found || found->has_value()});
  }
  return drift;
}

bool has_key(const std::vector<ValueLeft>& left, std::string_view key) {
  return std::any_of(left.begin(), left.end(), [&](const ValueLeft& one) { return one.key == key; });
}

// The settings that have a line of ours in that file: all of our own one; of another the ones that twctl has set, live
// or there.
std::vector<const Setting*> settings_in(const std::string& path, const HostView& view,
                                        const std::vector<ValueLeft>& left, const std::vector<ValueLeft>& lines) {
  std::vector<const Setting*> found;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const bool set_by_us = has_key(left, setting.key) || has_key(lines, setting.key);
    if ((path == kOwnBootFile || set_by_us) && own_line(setting, view)) found.push_back(&setting);
  }
  return found;
}

using Lines = std::map<std::string, std::vector<ValueLeft>>;  // of twctl's, by the path of their file

// The boot file that has the newest line for that setting; nullopt: none has one.
std::optional<std::string> newest_line_of(const Lines& lines, std::string_view key) {
  std::optional<std::string> newest;
  std::uint64_t last = 0;
  for (const auto& [path, left] : lines) {
    for (const ValueLeft& line : left) {
      if (line.key != key || !line.value || line.sequence < last) continue;
      newest = path;
      last = line.sequence;
    }
  }
  return newest;
}

bool is_told(const std::vector<NextBoot>& found, const std::string& key) {
  return std::any_of(found.begin(), found.end(), [&](const NextBoot& one) { return one.key == key; });
}

// The line that twctl has left in that file is gone or another, and the next boot will tell. A later change of another
// setting has taken up the file without it, so that the file itself is as twctl left it.
void judge_lost_lines(const HostView& view, const std::vector<ValueLeft>& lines, const std::vector<Change>& journal,
                      std::vector<NextBoot>& found) {
  for (const ValueLeft& left : lines) {
    const std::string& key = left.key;
    const std::optional<Value>& ours = left.value;
    const Setting& setting = *find_setting(key);
    const std::optional<std::string> now = own_line(setting, view);
    if (!ours || (now && canonical(setting, *now) == *ours)) continue;
    const std::optional<Value> next = boot_state(setting, view).value;
    if (next == ours || is_told(found, key)) continue;
    found.push_back({.key = key,
                     .ours = *ours,
                     .next = next,
                     .why = fmt::format("{} {} the line that change {} wrote", escape(view.file),
                                        now ? "has another line by now than" : "no longer has", short_id(left.change)),
                     .change = left.change,
                     .back = at_boot(wish(Os::linux_kernel, key, ours), view.file, journal, left.change)});
  }
}

// As the kernel takes it: behind the number may stand what is no part of it.
Value value_of_line(const Setting& setting, const std::string& text, const HostView& view) {
  const HostFacts& facts = view.snapshot.host;
  const Value usual = kernel_default(setting, facts).value_or("");
  return kernel_takes(setting, text, usual, facts.kernel).value.value_or(canonical(setting, text));
}

// A line that a later change has taken over in twctl's other file is not what the next boot is to bring.
void judge_next_boot(const HostView& view, const std::string& path, const std::vector<ValueLeft>& left,
                     const Lines& lines, std::vector<NextBoot>& found) {
  const BootFiles unread = files_unread(view.replay.config, view.loader);
  const std::string not_known = unread.empty() ? std::string() : unread_text(*unread.front());
  for (const Setting* setting : settings_in(path, view, left, lines.at(path))) {
    if (newest_line_of(lines, setting->key).value_or(path) != path) continue;
    const Value ours = value_of_line(*setting, *own_line(*setting, view), view);
    std::string why = not_known.empty() ? shadowed_by(*setting, view, ours).why : not_known;
    if (why.empty()) why = refused_at_boot(*setting, view);
    const std::optional<Value> next = not_known.empty() ? boot_state(*setting, view).value : std::nullopt;
    if (!why.empty()) found.push_back({std::string(setting->key), ours, next, why});
  }
}

void judge_until_boot(const HostView& view, const std::vector<ValueLeft>& left, Status& status) {
  for (const ValueLeft& one : left) {
    if (status.pending && one.change == status.pending->entry.change.intent.id) continue;  // its deadline is told
    const std::string& key = one.key;
    const std::optional<Value> next = boot_state(*find_setting(key), view).value;
    const bool drifted =
        std::any_of(status.drift.begin(), status.drift.end(), [&](const Drift& drift) { return drift.what == key; });
    if (one.value && next && *next != *one.value && !drifted && !is_told(status.next_boot, key)) {
      status.until_boot.push_back({key, *one.value, *next, one.change});
    }
  }
}

// Boot files are those of the host's own namespace. A file that somebody has changed is drift, and is judged as it is.
Result<void> look_at_next_boot(Platform& host, const std::vector<Change>& journal, const std::vector<ValueLeft>& left,
                               Status& status) {
  const HostFacts& facts = status.host;
  if (facts.os != Os::linux_kernel || !facts.netns.empty()) return {};
  const std::vector<FileLeft> files = files_left(journal);
  if (files.empty() && left.empty()) return {};
  TRY(const Snapshot snapshot, observe(host, {.settings = {}, .boot_alone = true}));
  Lines lines;
  for (const auto& [file, change] : files) lines[file.path] = lines_left(journal, file.path);
  for (const auto& [file, change] : files) {
    const HostView view = view_of(snapshot, file.path);
    if (file.after) judge_next_boot(view, file.path, left, lines, status.next_boot);
    judge_lost_lines(view, lines.at(file.path), journal, status.next_boot);
  }
  if (origin_of(facts).loaded_at_boot) judge_until_boot(view_of(snapshot), left, status);
  return {};
}

Pending pending_of(Platform& host, const HostFacts& facts, const HistoryEntry& entry) {
  const bool waits = is_pending(host, facts, entry.change);
  return {.entry = entry,
          .left = waits ? time_left(host, entry.change) : std::chrono::seconds(0),
          .until = waits ? deadline_time(host, entry.change) : entry.change.intent.deadline_time,
          .overdue = !waits,
          .stands = waits || is_still_in_force(host, facts, entry.change.intent),
          .timers = armed_timers(host),
          .keep = waits ? pending_command(host, entry.change.intent, "confirm") : ""};
}

// A key, or the path of a file, and where its change was made: the same key of another network namespace is another.
using Subject = std::tuple<std::string, bool, std::string>;

Subject subject_of(const Change& change, const std::string& what) {
  return {change.intent.origin.netns, change.intent.origin.loaded_at_boot, what};
}

bool has_open_conflict(const Change& change, const std::set<Subject>& taken_up) {
  if (!change.done) return false;
  const auto& conflicts = change.done->conflicts;
  return std::any_of(conflicts.begin(), conflicts.end(),
                     [&](const Conflict& conflict) { return !taken_up.contains(subject_of(change, conflict.what)); });
}

// Of the entries, newest first.
std::vector<HistoryEntry> open_conflicts(const std::vector<HistoryEntry>& entries) {
  std::set<Subject> taken_up;
  std::vector<HistoryEntry> open;
  for (const HistoryEntry& entry : entries) {
    if (has_open_conflict(entry.change, taken_up)) open.push_back(entry);
    if (!is_committed(entry.change)) continue;
    for (const std::string& what : subjects(entry.change.intent)) taken_up.insert(subject_of(entry.change, what));
  }
  return open;
}

// Their values are told from there only. A rollback leaves nothing in force but what it was before.
std::vector<NotLookedAt> namespaces_elsewhere(const std::string& location, const HostFacts& facts,
                                              const std::vector<HistoryEntry>& entries) {
  std::vector<NotLookedAt> found;
  std::set<std::string> known;
  for (const HistoryEntry& entry : entries) {
    const Intent& intent = entry.change.intent;
    const Origin& origin = intent.origin;
    const bool in_force = entry.standing == Standing::in_force && intent.kind == ChangeKind::apply;
    const bool has_this_name = !origin.netns.empty() && origin.netns == facts.netns;
    if (!in_force || intent.settings.empty() || has_this_name || entry.where != Whereabouts::elsewhere) continue;
    if (!known.insert(origin.loaded_at_boot ? "" : origin.network_namespace).second) continue;
    const std::string see = command_at(entry.netns, origin, "status", location);
    found.push_back({origin.netns, origin.loaded_at_boot, see});
  }
  return found;
}

}  // namespace

Result<Status> look_at_status(Platform& host) {
  Status status;
  TRY(status.host, host.host_facts());
  const bool was_at_work = host.state().is_held(StateStore::Lock::run);
  TRY(ReadableChanges sound, load_readable_changes(host.state(), Texts::digests));
  const std::vector<Change>& journal = sound.changes;
  const bool at_work = was_at_work || host.state().is_held(StateStore::Lock::run);  // one that began meanwhile, too
  const std::vector<HistoryEntry> entries = history_here(host, status.host, journal);
  for (const HistoryEntry& entry : entries) {
    if (entry.standing == Standing::pending) status.pending = pending_of(host, status.host, entry);
    if (entry.standing == Standing::unfinished) (at_work ? status.in_progress : status.interrupted).push_back(entry);
    if (!entry.change.done) status.recover = recover_command(host, status.host, entry.change.intent);
  }
  status.conflicted = open_conflicts(entries);
  status.damage = std::move(sound.damage);
  const bool finished = status.in_progress.empty() && status.interrupted.empty();
  const bool waits = status.pending && !status.pending->overdue;
  const bool settled = finished && (waits || !status.pending) && status.damage.empty();
  if (settled) {
    const std::vector<Change> kept = waits ? as_if_kept(journal, status.pending->entry.change) : journal;
    const std::vector<ValueLeft> left = values_of_ours(host, status.host, kept);
    status.drift = find_drift(host, kept, left, status.host);
    const Result<void> looked = look_at_next_boot(host, kept, left, status);
    // What is pending, and what has drifted, is known all the same.
    if (!looked && looked.error().code != ErrorCode::invalid) return fail(looked.error());
    if (!looked) status.next_boot_unknown = looked.error();
  }
  status.not_looked_at = namespaces_elsewhere(host.state().location(), status.host, entries);
  if (!entries.empty()) status.last = entries.front();
  status.restart = awaiting_restart(journal, status.host.boot_id);
  return status;
}

}  // namespace twctl
