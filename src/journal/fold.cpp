#include "journal/fold.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "journal/file_lines.hpp"
#include "journal/record.hpp"
#include "journal/values_left.hpp"

namespace twctl {
namespace {

constexpr std::size_t kFoldedAtOnce = 10'000;  // so that a fold that names them all stays below kRecordLimit
constexpr std::size_t kNamedIds = 100;         // of those that nothing refers to any more
constexpr std::size_t kFoldsOwn = 16 * 1024;   // bytes that a fold may need beyond what the two records have
constexpr std::size_t kAll = static_cast<std::size_t>(-1);
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Of each boot and key the last change, by its sequence, that wrote a line for it, or undid one that had. Undoing that
// change brings back what had been set live before it, so that has to stay in a fold.
class LastLines {
 public:
  void add(const Change& change) {
    std::set<std::string>& keys = keys_[change.intent.id];
    for (const FileChange& file : change.intent.files) {
      for (const SettingChange& line : changed_lines(file)) keys.insert(line.key);
    }
    for (const std::string& id : change.intent.undoes) {
      const auto undone = keys_.find(id);
      if (undone != keys_.end()) keys.insert(undone->second.begin(), undone->second.end());
    }
    for (const std::string& key : keys) {
      std::uint64_t& last = last_[of(change, key)];
      last = std::max(last, change.intent.sequence);
    }
  }
  [[nodiscard]] bool lead_back_to(const Change& change, const std::string& key) const {
    const auto last = last_.find(of(change, key));
    return last != last_.end() && last->second >= change.intent.sequence;
  }

 private:
  using Place = std::tuple<std::string, std::string, std::string>;
  static Place of(const Change& change, const std::string& key) {
    return {change.intent.origin.boot_id, change.intent.origin.network_namespace, key};
  }
  std::map<std::string, std::set<std::string>> keys_;  // of the lines of each change
  std::map<Place, std::uint64_t> last_;
};

// Of files that somebody else had changed, and kept, the change has made nothing.
void drop_kept(std::vector<FileChange>& files, const std::vector<Conflict>& conflicts) {
  std::erase_if(files, [&](const FileChange& file) { return is_kept(file.path, conflicts); });
}

// Without what somebody else set and kept, and what went with its network namespace or with a restart.
Change effect_of(Change change, Whereabouts where, const LastLines& lines) {
  Intent& intent = change.intent;
  std::erase_if(intent.settings, [&](const SettingChange& setting) {
    const bool lost = where == Whereabouts::restarted && !lines.lead_back_to(change, setting.key);
    return is_kept(setting.key, change.done->conflicts) || lost || where == Whereabouts::gone;
  });
  drop_kept(intent.files, change.done->conflicts);
  return change;
}

// Whatever it was called, and wherever it was seen from.
bool in_one_namespace(const Origin& one, const Origin& other) {
  return one.network_namespace == other.network_namespace && one.boot_id == other.boot_id && one.root == other.root;
}

bool is_empty(const Intent& intent) { return intent.settings.empty() && intent.files.empty(); }

// From what the first found to what the second left, in the order in which they came.
template <class T>
std::vector<T> joined(const std::vector<T>& first, const std::vector<T>& second, std::string T::*name) {
  const auto find = [&](const std::vector<T>& list, const std::string& what) {
    return std::find_if(list.begin(), list.end(), [&](const T& one) { return one.*name == what; });
  };
  std::vector<T> list;
  for (const T& one : first) {
    const auto later = find(second, one.*name);
    list.push_back(later == second.end() ? one : *later);
    list.back().before = one.before;
  }
  for (const T& one : second) {
    if (find(first, one.*name) == first.end()) list.push_back(one);
  }
  return list;
}

// Where somebody else changed a file between the two, what they wrote is no part of it. Error: as without_change().
Result<std::vector<FileChange>> joined_files(const std::vector<FileChange>& first,
                                             const std::vector<FileChange>& second) {
  std::vector<FileChange> files = joined(first, second, &FileChange::path);
  for (const FileChange& one : first) {
    const auto later =
        std::find_if(second.begin(), second.end(), [&](const auto& file) { return file.path == one.path; });
    if (later == second.end()) continue;
    TRY(std::optional<std::string> before, without_change(one, later->before));
    const auto file = std::find_if(files.begin(), files.end(), [&](const auto& two) { return two.path == one.path; });
    file->before = std::move(before);
  }
  return files;
}

void add_between(std::vector<Conflict>& between, Conflict found) {
  std::erase_if(between, [&](const Conflict& one) { return one.what == found.what; });
  between.push_back(std::move(found));
}

// What somebody else had set between the two, of each key the newest: from there on it is no way of twctl's. A restart
// between them has set the value as well.
std::vector<Conflict> set_between(const Intent& first, const Intent& second) {
  std::vector<Conflict> between;
  if (first.folded) between = first.folded->between;
  for (const SettingChange& later : second.settings) {
    const auto was = std::find_if(first.settings.begin(), first.settings.end(),
                                  [&](const SettingChange& one) { return one.key == later.key; });
    const bool ours = was == first.settings.end() || later.before == was->after || later.before == was->before;
    if (!ours && in_one_namespace(first.origin, second.origin))
      add_between(between, {.what = later.key, .found = later.before.value_or("absent")});
  }
  if (!second.folded) return between;
  for (const Conflict& found : second.folded->between) add_between(between, found);
  return between;
}

Folded folded_into(std::optional<Folded> first, const Intent& second) {
  Folded all = std::move(first).value_or(Folded{});
  const Folded more = second.folded.value_or(Folded{.count = 0, .until = second.author.time, .ids = {}});
  all.count += 1 + more.count;
  all.until = std::max(all.until, more.until);
  all.ids.push_back(second.id);
  all.ids.insert(all.ids.end(), more.ids.begin(), more.ids.end());
  return all;
}

std::vector<Conflict> open_conflicts(const Change& first, const Change& second) {
  std::vector<Conflict> conflicts = first.done->conflicts;
  const std::vector<std::string> later = subjects(second.intent);
  std::erase_if(conflicts, [&](const Conflict& conflict) { return is_one_of(conflict.what, later); });
  conflicts.insert(conflicts.end(), second.done->conflicts.begin(), second.done->conflicts.end());
  return conflicts;
}

// `files`: of both, joined. `undoes`: the second undoes the first.
Change folded(Change first, const Change& second, std::vector<FileChange> files, bool undoes) {
  first.applied = false;
  first.done = Done{.ending = Ending::committed, .conflicts = open_conflicts(first, second)};
  Intent& intent = first.intent;
  const Intent& later = second.intent;
  // What is undone leads nowhere any more.
  std::vector<Conflict> between = undoes ? std::vector<Conflict>() : set_between(intent, later);
  intent.settings = joined(intent.settings, later.settings, &SettingChange::key);
  intent.files = std::move(files);
  if (undoes) intent.undoes.clear();  // what is undone undoes nothing
  intent.undoes.insert(intent.undoes.end(), later.undoes.begin(), later.undoes.end());
  intent.kind = undoes || intent.kind == later.kind ? later.kind : ChangeKind::apply;
  intent.sequence = later.sequence;
  intent.origin = later.origin;
  intent.deadline.reset();
  intent.deadline_time.reset();
  intent.folded = folded_into(std::move(intent.folded), later);
  intent.folded->between = std::move(between);
  return first;
}

class Pruner {
 public:
  Pruner(const std::vector<Change>& changes, const FoldLimits& limits,
         const std::function<Whereabouts(const Origin&)>& where, const Recorded& recorded)
      : limits_(limits), recorded_(recorded), left_(changes.size()) {
    for (const Change& change : changes) {
      const std::size_t i = entries_.size();
      entries_.push_back({.change = change, .folder = change.folder, .where = where(change.intent.origin), .into = i});
      index_[change.intent.id] = i;
      if (change.intent.folded) {
        for (const std::string& id : change.intent.folded->ids) index_.try_emplace(id, i);
      }
      if (!is_committed(change)) continue;
      if (entries_[i].where == Whereabouts::restarted) lines_.add(change);
      for (const std::string& id : change.intent.undoes) undoers_[id].push_back(i);
    }
  }

  Folding fold() {
    // An apply and a rollback that does not undo it are folded only where nothing else is left to fold: to undo that
    // fold is to do again what the rollback undid.
    while (left_ > limits_.keep) {
      if (pass(false, kAll) == 0 && pass(true, 1) == 0) break;
    }
    return result();
  }

 private:
  struct Entry {
    Change change;
    std::string folder;  // as it is on disk
    Whereabouts where = Whereabouts::here;
    std::size_t into = 0;  // the later entry that it is folded into; its own index: none
    bool undone = false;   // by that entry
    bool gone = false;
    bool made = false;  // it is a fold that is not on disk yet
    bool full = false;  // it and what follows it cannot be folded, or would have too large a record
  };

  // Folds at most `most` changes. Returns how many.
  std::size_t pass(bool mixed, std::size_t most) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < entries_.size() && left_ > limits_.keep && done < most; ++i) {
      if (entries_[i].gone || !is_finished(entries_[i].change)) continue;
      if (!left_nothing(i)) {
        if (entries_[i].full) continue;
        const std::size_t next = next_in_place(i);
        if (next == kNone || left_nothing(next) || !may_fold(i, next, mixed) || !fold_two(i, next)) continue;
      }
      entries_[i].gone = true;
      --left_;
      ++done;
    }
    return done;
  }

  // The entry that `i` is part of now. `counts`: not undone within it.
  struct Slot {
    std::size_t at;
    bool counts = true;
  };
  [[nodiscard]] Slot slot_of(std::size_t i) const {
    Slot slot{.at = i};
    while (entries_[slot.at].into != slot.at) {
      slot.counts = slot.counts && !entries_[slot.at].undone;
      slot.at = entries_[slot.at].into;
    }
    return slot;
  }

  // The later changes that have undone it, whether or not they are undone themselves.
  [[nodiscard]] std::set<std::size_t> undone_by(std::size_t i) const {
    std::set<std::size_t> slots;
    const auto found = undoers_.find(entries_[i].change.intent.id);
    if (found == undoers_.end()) return slots;
    for (const std::size_t undoer : found->second) {
      const Slot slot = slot_of(undoer);
      if (slot.counts && slot.at != i) slots.insert(slot.at);
    }
    return slots;
  }

  [[nodiscard]] bool undoes_any(const Intent& intent) const {
    return std::any_of(intent.undoes.begin(), intent.undoes.end(), [&](const std::string& id) {
      const auto found = index_.find(id);
      return found != index_.end() && !entries_[slot_of(found->second).at].gone;
    });
  }

  [[nodiscard]] bool left_nothing(std::size_t i) const {
    const Entry& entry = entries_[i];
    if (!is_committed(entry.change)) return true;
    if (entry.change.intent.folded && entry.where != Whereabouts::gone) return false;
    return is_empty(effect_of(entry.change, entry.where, lines_).intent) && undone_by(i).empty() &&
           !undoes_any(entry.change.intent);
  }

  [[nodiscard]] bool in_one_place(const Entry& first, const Entry& second) const {
    const Origin& from = first.change.intent.origin;
    const Origin& to = second.change.intent.origin;
    const auto is_here = [](const Entry& entry) {
      return entry.where == Whereabouts::here || entry.where == Whereabouts::restarted;
    };
    if (first.where != second.where) return false;
    if (!is_here(first)) return in_one_namespace(from, to);
    return (from.boot_id == limits_.boot_id) == (to.boot_id == limits_.boot_id);
  }

  [[nodiscard]] std::size_t next_in_place(std::size_t i) const {
    for (std::size_t j = i + 1; j < entries_.size(); ++j) {
      const Entry& entry = entries_[j];
      if (!entry.gone && is_committed(entry.change) && in_one_place(entries_[i], entry)) return j;
    }
    return kNone;
  }

  [[nodiscard]] bool undoes(std::size_t second, std::size_t first) const {
    return is_one_of(entries_[first].change.intent.id, entries_[second].change.intent.undoes);
  }

  [[nodiscard]] bool may_fold(std::size_t first, std::size_t second, bool mixed) const {
    const bool alike = entries_[first].change.intent.kind == entries_[second].change.intent.kind;
    if (!mixed && !alike && !undoes(second, first)) return false;
    std::set<std::size_t> undoers = undone_by(first);
    undoers.erase(second);
    return undoers == undone_by(second);
  }

  // With their whole texts. A fold that is made here has them already. Error: as of Recorded.
  [[nodiscard]] Result<std::vector<FileChange>> files_made(const Entry& entry) const {
    std::vector<FileChange> files = entry.change.intent.files;
    if (!entry.made && !files.empty()) {
      TRY(Change whole, recorded_(entry.change));
      files = std::move(whole.intent.files);
    }
    drop_kept(files, entry.change.done->conflicts);
    return files;
  }

  [[nodiscard]] Result<std::vector<FileChange>> joined_files(const Entry& from, const Entry& to) const {
    TRY(const std::vector<FileChange> first, files_made(from));
    TRY(const std::vector<FileChange> second, files_made(to));
    return twctl::joined_files(first, second);
  }

  // Of the record of the fold, at most. To make the record takes long, so that is done only where it could be too
  // large.
  [[nodiscard]] std::size_t size_of_fold(const Entry& from, const Entry& to, const std::vector<FileChange>& files,
                                         bool undone) const {
    const std::size_t most = from.change.size + to.change.size + kFoldsOwn;
    if (most <= kRecordLimit) return most;
    const Change earlier = effect_of(from.change, from.where, lines_);
    return encode(folded(earlier, effect_of(to.change, to.where, lines_), files, undone).intent).size();
  }

  // The fold stands where the second was. false: it cannot be made, or would be too large, and both stay as they are.
  bool fold_two(std::size_t first, std::size_t second) {
    Entry& from = entries_[first];
    Entry& to = entries_[second];
    const bool undone = undoes(second, first);
    Result<std::vector<FileChange>> files = joined_files(from, to);
    const std::size_t size = files ? size_of_fold(from, to, *files, undone) : 0;
    from.full = !files || size > kRecordLimit;
    if (from.full) return false;
    from.undone = undone;
    from.into = second;
    Change earlier = effect_of(std::move(from.change), from.where, lines_);
    const Change later = effect_of(std::move(to.change), to.where, lines_);
    to.change = folded(std::move(earlier), later, *std::move(files), undone);
    to.change.size = size;
    to.made = true;
    if (to.where == Whereabouts::restarted) lines_.add(to.change);
    return true;
  }

  Folding result() {
    Folding folding;
    std::set<std::string> needed;
    for (const Entry& entry : entries_) {
      if (entry.gone || entry.made) folding.superseded.push_back(entry.folder);
      if (!entry.gone) needed.insert(entry.change.intent.undoes.begin(), entry.change.intent.undoes.end());
    }
    for (Entry& entry : entries_) {
      if (entry.gone || !entry.made) continue;
      folding.folds.push_back(tidied(std::move(entry.change), needed));
    }
    return folding;
  }

  // The ids of what is still on disk stay, so that a run that is killed here leaves nothing that counts twice.
  [[nodiscard]] Change tidied(Change fold, const std::set<std::string>& needed) const {
    Intent& intent = fold.intent;
    const std::vector<std::string> ids = std::move(intent.folded->ids);
    std::vector<std::string> kept;
    std::size_t others = 0;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      const auto found = index_.find(*id);
      const bool on_disk = found != index_.end() && entries_[found->second].folder.ends_with(*id);
      if (on_disk || needed.contains(*id) || ++others <= kNamedIds) kept.push_back(*id);
    }
    intent.folded->ids.assign(kept.rbegin(), kept.rend());
    std::set<std::string> own(ids.begin(), ids.end());  // and then what has been named once
    own.insert(intent.id);
    std::erase_if(intent.undoes, [&](const std::string& id) { return !own.insert(id).second; });
    // What it has brought back to where it began; beside what it undoes that tells that it has set it again.
    const auto is_as_before = [](const auto& one) { return one.before == one.after; };
    if (intent.undoes.empty()) std::erase_if(intent.settings, is_as_before);
    if (intent.undoes.empty()) std::erase_if(intent.files, is_as_before);
    const std::vector<std::string> what = subjects(intent);
    std::erase_if(intent.folded->between, [&](const Conflict& found) { return !is_one_of(found.what, what); });
    fold.folder = folder_name(intent);
    return fold;
  }

  FoldLimits limits_;
  const Recorded& recorded_;
  std::size_t left_;
  std::vector<Entry> entries_;
  LastLines lines_;
  std::map<std::string, std::size_t> index_;  // of the entry that the change of that id was, or was part of, at first
  std::map<std::string, std::vector<std::size_t>> undoers_;
};

}  // namespace

Folding fold_changes(const std::vector<Change>& changes, const FoldLimits& limits,
                     const std::function<Whereabouts(const Origin&)>& where, const Recorded& recorded) {
  return Pruner(changes, limits, where, recorded).fold();
}

Result<void> prune_changes(Platform& host, const HostFacts& facts, const ReadableChanges& journal, std::size_t keep) {
  const auto where = finder_of_values(host, facts);
  const std::size_t all = journal.changes.size();
  const std::size_t left = std::max(keep, all - std::min(all, kFoldedAtOnce));
  const auto recorded = [&](const Change& change) { return as_recorded(host.state(), change); };
  const Folding folding = fold_changes(journal.changes, {.keep = left, .boot_id = facts.boot_id}, where, recorded);
  TRY_VOID(host.state().remove_folders(journal.superseded));
  for (const Change& fold : folding.folds) TRY_VOID(record_fold(host.state(), fold));
  return host.state().remove_folders(folding.superseded);
}

}  // namespace twctl
