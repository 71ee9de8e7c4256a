#include "journal/history.hpp"

#include <algorithm>
#include <map>

#include "catalog/setting.hpp"
#include "journal/journal.hpp"
#include "journal/origin.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

Standing standing_of(const Change& change, const std::vector<std::string>& in_force) {
  if (!change.done && change.applied && !change.decision) return Standing::pending;
  if (!change.done) return Standing::unfinished;
  if (change.done->ending == Ending::rolled_back) return Standing::rolled_back;
  if (change.done->ending == Ending::gone) return Standing::gone;
  const bool stands = std::find(in_force.begin(), in_force.end(), change.intent.id) != in_force.end();
  return stands ? Standing::in_force : Standing::undone;
}

bool is_somebody_elses(const std::string& what, const Change& change) {
  const auto& conflicts = change.done->conflicts;
  return std::any_of(conflicts.begin(), conflicts.end(),
                     [&](const Conflict& conflict) { return conflict.what == what; });
}

// In the journal's order; a later one of the same subject takes the place of an earlier one.
template <class T>
void put_last(std::vector<Left<T>>& list, const T& item, std::string T::*name, const Change& change) {
  std::erase_if(list, [&](const Left<T>& other) { return other.what.*name == item.*name; });
  if (!is_somebody_elses(item.*name, change)) list.push_back({item, change.intent.id});
}

// A rollback has put back what it undid, also where it had nothing to write: somebody else had been there first. From
// then on what its changes found is what twctl has left, and no longer what they did.
template <class T>
void put_back(std::vector<Left<T>>& list, const Change& rollback, const std::vector<Change>& journal,
              std::vector<T> Intent::*subjects, std::string T::*name) {
  const auto is_undone = [&](const std::string& id) {
    const auto& undoes = rollback.intent.undoes;
    return std::find(undoes.begin(), undoes.end(), id) != undoes.end();
  };
  for (Left<T>& left : list) {
    if (!is_undone(left.change)) continue;
    left.change = rollback.intent.id;
    for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
      if (!is_undone(change->intent.id)) continue;
      for (const T& item : change->intent.*subjects) {
        if (item.*name == left.what.*name) left.what.after = item.before;
      }
    }
  }
}

// Of what has not to be looked for on the host.
template <class T>
std::vector<Left<T>> all_left(const std::vector<Change>& journal, std::vector<T> Intent::*subjects,
                              std::string T::*name) {
  std::vector<Left<T>> left;
  for (const Change& change : journal) {
    if (!is_committed(change)) continue;
    put_back(left, change, journal, subjects, name);
    for (const T& item : change.intent.*subjects) put_last(left, item, name, change);
  }
  return left;
}

std::map<std::string, Value> lines_in(const std::optional<std::string>& bytes) {
  std::map<std::string, Value> lines;
  if (!bytes) return lines;
  for (const Assignment& line : read_assignments(*bytes, Loader::procps).assignments) {
    const Setting* setting = find_setting(line.key);
    if (setting != nullptr) lines[line.key] = canonical(*setting, line.value);
  }
  return lines;
}

std::vector<SettingChange> changed_lines(const FileChange& file) {
  const std::map<std::string, Value> before = lines_in(file.before);
  const std::map<std::string, Value> after = lines_in(file.after);
  std::vector<SettingChange> changes;
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end()) changes.push_back({key, std::nullopt, value});
    if (old != before.end() && old->second != value) changes.push_back({key, old->second, value});
  }
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) changes.push_back({key, value, std::nullopt});
  }
  return changes;
}

// The change with the lines of that file in the place of its settings.
Change of_lines(Change change, const std::string& path) {
  change.intent.settings.clear();
  if (!is_committed(change) || is_somebody_elses(path, change)) return change;
  for (const FileChange& file : change.intent.files) {
    if (file.path == path) change.intent.settings = changed_lines(file);
  }
  change.done->conflicts.clear();
  return change;
}

// A boot takes from the changes before it what they had left in boot files, and nothing else of them.
std::vector<Left<SettingChange>> loaded_at_boot(const std::vector<Change>& before_boot) {
  std::vector<Left<SettingChange>> loaded;
  for (const Left<FileChange>& file : files_left(before_boot)) {
    for (Left<SettingChange>& line : lines_left(before_boot, file.what.path)) {
      if (line.what.after) loaded.push_back(std::move(line));
    }
  }
  return loaded;
}

bool takes_effect_at_restart(const Setting& setting) { return setting.takes_effect == TakesEffect::restart; }

bool is_of_boot(const Intent& intent, const std::string& boot_id) {
  return boot_id.empty() || intent.origin.boot_id.empty() || intent.origin.boot_id == boot_id;
}

}  // namespace

std::string_view to_text(Standing standing) {
  switch (standing) {
    case Standing::in_force:
      return "in force";
    case Standing::undone:
      return "undone";
    case Standing::rolled_back:
      return "rolled back";
    case Standing::gone:
      return "gone with its network namespace";
    case Standing::pending:
      return "pending";
    case Standing::unfinished:
      return "unfinished";
  }
  return "";
}

std::vector<HistoryEntry> history_of(const std::vector<Change>& journal) {
  const std::vector<std::string> in_force = changes_in_force(journal);
  std::vector<HistoryEntry> entries;
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    entries.push_back({*change, standing_of(*change, in_force)});
  }
  return entries;
}

std::vector<HistoryEntry> history_here(Platform& host, const HostFacts& facts, const std::vector<Change>& journal) {
  std::vector<HistoryEntry> entries = history_of(journal);
  for (HistoryEntry& entry : entries) {
    const Intent& intent = entry.change.intent;
    const bool live_only = entry.standing == Standing::in_force && intent.files.empty();
    if (live_only && find_values(host, facts, intent.origin) == Whereabouts::gone) entry.standing = Standing::gone;
  }
  return entries;
}

// Undone changes count too, in their order: the rollback that undid them comes after them with what it put back.
std::vector<Left<SettingChange>> values_left(Platform& host, const HostFacts& facts,
                                             const std::vector<Change>& journal) {
  std::vector<Change> before_boot;
  std::vector<Change> since;
  for (const Change& change : journal) {
    if (!is_committed(change)) continue;
    const Whereabouts where = find_values(host, facts, change.intent.origin);
    if (where == Whereabouts::restarted) before_boot.push_back(change);
    if (where == Whereabouts::here) since.push_back(change);
  }
  std::vector<Left<SettingChange>> left = loaded_at_boot(before_boot);
  for (const Change& change : since) {
    put_back(left, change, journal, &Intent::settings, &SettingChange::key);
    for (const SettingChange& setting : change.intent.settings) put_last(left, setting, &SettingChange::key, change);
  }
  return left;
}

std::vector<Left<FileChange>> files_left(const std::vector<Change>& journal) {
  return all_left(journal, &Intent::files, &FileChange::path);
}

std::vector<Left<SettingChange>> lines_left(const std::vector<Change>& journal, const std::string& path) {
  std::vector<Change> changes;
  for (const Change& change : journal) changes.push_back(of_lines(change, path));
  return all_left(changes, &Intent::settings, &SettingChange::key);
}

std::vector<std::string> awaiting_restart(const std::vector<Change>& journal, const std::string& boot_id) {
  std::vector<SettingChange> spans;  // of each key: from what the boot took to what is left now
  for (const Change& change : journal) {
    if (!is_committed(change) || !is_of_boot(change.intent, boot_id)) continue;
    for (const SettingChange& setting : change.intent.settings) {
      if (!takes_effect_at_restart(*find_setting(setting.key))) continue;
      const auto span =
          std::find_if(spans.begin(), spans.end(), [&](const auto& one) { return one.key == setting.key; });
      if (span != spans.end()) {
        span->after = setting.after;
      } else {
        spans.push_back(setting);
      }
    }
  }
  std::vector<std::string> keys;
  for (const SettingChange& span : spans) {
    if (span.before != span.after) keys.push_back(span.key);
  }
  return keys;
}

std::vector<std::string> restart_awaited(StateStore& store, const HostFacts& facts) {
  const std::span<const Setting> rows = settings(facts.os);
  if (std::none_of(rows.begin(), rows.end(), takes_effect_at_restart)) return {};
  const Result<std::vector<Change>> journal = load_changes(store);
  return journal ? awaiting_restart(*journal, facts.boot_id) : std::vector<std::string>();
}

}  // namespace twctl
