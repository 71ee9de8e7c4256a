#include "apply/history.hpp"

#include <algorithm>
#include <map>

#include "apply/journal.hpp"

namespace twctl {
namespace {

Standing standing_of(const Change& change, const std::vector<std::string>& in_force) {
  if (!change.done) return Standing::unfinished;
  if (change.done->ending == Ending::rolled_back) return Standing::rolled_back;
  if (change.done->ending == Ending::gone) return Standing::gone;
  const bool stands = std::find(in_force.begin(), in_force.end(), change.intent.id) != in_force.end();
  return stands ? Standing::in_force : Standing::undone;
}

// In the journal's order; a later one of the same subject takes the place of an earlier one.
template <class T, class Name>
void put_last(std::vector<T>& list, const T& item, Name name) {
  std::erase_if(list, [&](const T& other) { return other.*name == item.*name; });
  list.push_back(item);
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

// Undone changes count too, in their order: the rollback that undid them comes after them with what it put back.
std::vector<SettingChange> values_left(const std::vector<Change>& journal, const Habitat& here) {
  std::vector<SettingChange> left;
  for (const Change& change : journal) {
    const Habitat& there = change.intent.habitat;
    const bool same = there.boot_id == here.boot_id && there.network_namespace == here.network_namespace;
    if (!is_committed(change) || !same) continue;
    for (const SettingChange& setting : change.intent.settings) put_last(left, setting, &SettingChange::key);
  }
  return left;
}

std::vector<FileChange> files_left(const std::vector<Change>& journal) {
  std::vector<FileChange> left;
  for (const Change& change : journal) {
    if (!is_committed(change)) continue;
    for (const FileChange& file : change.intent.files) put_last(left, file, &FileChange::path);
  }
  return left;
}

}  // namespace twctl
