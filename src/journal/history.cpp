#include "journal/history.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "journal/journal.hpp"

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

bool is_undone_by(const Change& rollback, const std::string& id) { return is_one_of(id, rollback.intent.undoes); }

// A rollback has put back what it undid, also where it had nothing to write: somebody else had been there first. From
// then on what its changes found is what twctl has left, and no longer what they did.
void put_back(std::vector<FileLeft>& list, const Change& rollback, const std::vector<Change>& journal) {
  for (FileLeft& left : list) {
    if (!is_undone_by(rollback, left.change)) continue;
    left.change = rollback.intent.id;
    for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
      if (!is_undone_by(rollback, change->intent.id)) continue;
      for (const FileChange& file : change->intent.files) {
        if (file.path == left.file.path) left.file.after = file.before;
      }
    }
  }
}

// A boot file is the same one wherever it was written from, and a key another one in another network namespace.
std::vector<std::string> written_by(const Intent& intent) {
  std::vector<std::string> names = subjects(intent);
  for (std::string& name : names) {
    if (!name.starts_with('/')) name += " in " + intent.origin.network_namespace;
  }
  return names;
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
  std::map<std::string, std::string> written;  // settings and files, with the newest change in force that writes them
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    HistoryEntry entry{*change, standing_of(*change, in_force)};
    for (const std::string& what : written_by(change->intent)) {
      if (const auto later = written.find(what); later != written.end() && entry.later.empty()) {
        entry.later = later->second;
      }
      if (entry.standing == Standing::in_force && change->intent.undoes.empty())
        written.emplace(what, change->intent.id);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<HistoryEntry> history_here(Platform& host, const HostFacts& facts, const std::vector<Change>& journal) {
  const auto place_of = finder_of_places(host, facts);
  std::vector<HistoryEntry> entries = history_of(journal);
  for (HistoryEntry& entry : entries) {
    const Intent& intent = entry.change.intent;
    const bool live_only = entry.standing == Standing::in_force && intent.files.empty();
    const ValuesPlace place = place_of(intent.origin);
    entry.where = place.where;
    entry.netns = place.netns;
    if (live_only && entry.where == Whereabouts::gone) entry.standing = Standing::gone;
  }
  return entries;
}

// Undone changes count too, in their order: the rollback that undid them comes after them with what it put back.
std::vector<FileLeft> files_left(const std::vector<Change>& journal) {
  std::vector<FileLeft> left;
  for (const Change& change : journal) {
    if (!is_committed(change)) continue;
    put_back(left, change, journal);
    for (const FileChange& file : change.intent.files) {
      if (is_given_up(journal, change, file.path)) continue;
      std::erase_if(left, [&](const FileLeft& other) { return other.file.path == file.path; });
      if (!is_kept(file.path, change.done->conflicts)) left.push_back({file, change.intent.id});
    }
  }
  return left;
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
  const Result<std::vector<Change>> journal = load_changes(store, Texts::digests);
  return journal ? awaiting_restart(*journal, facts.boot_id) : std::vector<std::string>();
}

}  // namespace twctl
