#include "journal/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/escape.hpp"
#include "journal/backup.hpp"
#include "journal/record.hpp"

namespace twctl {
namespace {

constexpr const char* kIntent = "intent";
constexpr const char* kApplied = "applied";
constexpr const char* kDecision = "decision";
constexpr const char* kDone = "done";

Error in_record(Error error, const std::string& folder, const char* record) {
  error.message = fmt::format("change {}, record {}: {}", escape(folder), record, error.message);
  error.hint = "it has been left as it is; its folder holds plain files that restore the old values by hand";
  return error;
}

// The decoded record, or nullopt where there is none yet.
template <class Decode>
auto load(StateStore& store, const std::string& folder, const char* record, Decode decode)
    -> Result<std::optional<typename decltype(decode(std::string_view()))::value_type>> {
  auto bytes = store.read(folder, record, kRecordLimit);
  if (!bytes) return fail(in_record(std::move(bytes).error(), folder, record));
  if (!*bytes) return std::nullopt;
  auto decoded = decode(**bytes);
  if (!decoded) return fail(in_record(std::move(decoded).error(), folder, record));
  return std::optional(*std::move(decoded));
}

std::string folder_name(const Intent& intent) { return fmt::format("{:08}-{}", intent.sequence, intent.id); }

Error no_intent(const std::string& folder) {
  return in_record({.code = ErrorCode::invalid, .message = "it is missing or belongs elsewhere"}, folder, kIntent);
}

Result<Change> load_change(StateStore& store, const std::string& folder) {
  TRY(std::optional<Intent> intent, load(store, folder, kIntent, decode_intent));
  if (!intent || folder_name(*intent) != folder) return fail(no_intent(folder));
  TRY(const std::optional<bool> applied, load(store, folder, kApplied, decode_applied));
  TRY(std::optional<DecisionRecord> decision, load(store, folder, kDecision, decode_decision));
  TRY(std::optional<Done> done, load(store, folder, kDone, decode_done));
  return Change{.folder = folder,
                .intent = *std::move(intent),
                .applied = applied.has_value(),
                .decision = decision ? std::optional(decision->decision) : std::nullopt,
                .decided_by = decision ? std::move(decision->by) : std::nullopt,
                .lapsed = decision && decision->lapsed,
                .done = std::move(done)};
}

// A folder is named "00000007-ID". Of another name the number is 0; without a '-' the id is "".
std::uint64_t sequence_of(std::string_view folder) {
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(folder.data(), folder.data() + folder.size(), sequence);
  return error == std::errc() && end != folder.data() + folder.size() && *end == '-' ? sequence : 0;
}

std::string_view id_of(std::string_view folder) {
  const std::size_t dash = folder.find('-');
  return dash == std::string_view::npos ? "" : folder.substr(dash + 1);
}

// Whether the change has its end. Of the other records of one that has, only the checksums are verified: decoding them
// all takes too long. Error: a record is damaged, or the intent is missing.
Result<bool> has_ended(StateStore& store, const std::string& folder) {
  TRY(const std::optional<Done> done, load(store, folder, kDone, decode_done));
  if (!done) return false;
  TRY(const std::optional<bool> intent, load(store, folder, kIntent, check_whole));
  if (!intent || sequence_of(folder) == 0) return fail(no_intent(folder));
  for (const char* record : {kApplied, kDecision}) TRY_VOID(load(store, folder, record, check_whole));
  return true;
}

bool has_vanished(StateStore& store, const std::string& folder) {
  const auto folders = store.folders();
  return folders && std::find(folders->begin(), folders->end(), folder) == folders->end();
}

// For each setting and file: the oldest apply in force that is about it, because only its intent has the original, from
// before twctl. No rollbacks: the value that a rollback found was one that twctl had written.
std::set<std::string> holders_of_originals(const std::vector<Change>& changes) {
  const std::vector<std::string> in_force = changes_in_force(changes);
  std::map<std::string, std::string> first;
  for (const Change& change : changes) {
    if (change.intent.kind == ChangeKind::rollback) continue;
    if (std::find(in_force.begin(), in_force.end(), change.intent.id) == in_force.end()) continue;
    for (const std::string& subject : subjects(change.intent)) first.try_emplace(subject, change.intent.id);
  }
  std::set<std::string> holders;
  for (const auto& [subject, id] : first) holders.insert(id);
  return holders;
}

Result<Decision> publish_decision(StateStore& store, const Change& change, const DecisionRecord& record,
                                  const std::function<bool()>& still) {
  TRY(const bool published, store.publish_if(change.folder, kDecision, encode(record), still));
  if (published) return record.decision;
  TRY(const std::optional<Decision> in_force, decision_on(store, change));
  if (in_force) return *in_force;
  return fail(ErrorCode::failed, fmt::format("the decision on change {} has vanished", change.intent.id));
}

}  // namespace

Result<SoundChanges> load_sound_changes(StateStore& store) {
  TRY(const std::vector<std::string> folders, store.folders());
  SoundChanges sound;
  for (const std::string& folder : folders) {
    Result<Change> change = load_change(store, folder);
    if (change) {
      sound.changes.push_back(*std::move(change));
      // Readers hold no lock: a run that prunes may have taken the folder away under them.
    } else if (!has_vanished(store, folder)) {
      sound.damage.push_back(std::move(change).error());
    }
  }
  return sound;
}

Result<std::optional<Change>> newest_change(StateStore& store) {
  TRY(const std::vector<std::string> folders, store.folders());
  if (folders.empty()) return std::optional<Change>();
  TRY(Change change, load_change(store, folders.back()));
  return std::optional(std::move(change));
}

Result<std::vector<Change>> load_changes(StateStore& store) {
  TRY(SoundChanges sound, load_sound_changes(store));
  if (!sound.damage.empty()) return fail(std::move(sound.damage.front()));
  return std::move(sound.changes);
}

Result<Journal> load_journal(StateStore& store) {
  Journal journal;
  TRY(journal.folders, store.folders());
  for (const std::string& folder : journal.folders) {
    const Result<bool> ended = has_ended(store, folder);
    if (ended && *ended) continue;
    Result<Change> change = ended ? load_change(store, folder) : fail(ended.error());
    if (change) {
      if (!is_finished(*change)) journal.unfinished.push_back(*std::move(change));
    } else if (!journal.damage && !has_vanished(store, folder)) {
      journal.damage = std::move(change).error();
    }
  }
  return journal;
}

std::uint64_t next_sequence(const std::vector<std::string>& folders) {
  return folders.empty() ? 1 : sequence_of(folders.back()) + 1;
}

Result<Change> find_change(const std::vector<Change>& changes, const std::string& id) {
  std::vector<const Change*> found;
  for (const Change& change : changes) {
    if (!id.empty() && change.intent.id.starts_with(id)) found.push_back(&change);
  }
  if (found.size() == 1) return *found.front();
  return fail(
      ErrorCode::refused,
      fmt::format("{} change has an id that begins with {}", found.empty() ? "no" : "more than one", escape(id)),
      "see: twctl history");
}

bool is_id_of(const Change& change, const std::string& id, const std::vector<std::string>& folders) {
  const auto begins_so = [&](const std::string& folder) { return id_of(folder).starts_with(id); };
  return !id.empty() && change.intent.id.starts_with(id) &&
         std::count_if(folders.begin(), folders.end(), begins_so) == 1;
}

Result<Change> record_intent(StateStore& store, Intent intent) {
  Change change;
  change.folder = folder_name(intent);
  change.intent = std::move(intent);
  std::vector<NamedBytes> files = plain_backups(change.intent, store.location() + "/" + change.folder);
  files.push_back({kIntent, encode(change.intent)});
  if (files.back().bytes.size() > kRecordLimit) {
    return fail(ErrorCode::failed, fmt::format("the change is too large to be recorded: over {} bytes", kRecordLimit),
                "its boot file has bytes that are no text; take them out");
  }
  TRY_VOID(store.create_folder(change.folder, files));
  return change;
}

Result<void> mark_applied(StateStore& store, Change& change, const std::function<bool()>& still) {
  TRY_VOID(store.publish_if(change.folder, kApplied, encode_applied(), still));
  change.applied = true;
  return {};
}

Result<std::optional<Decision>> decision_on(StateStore& store, const Change& change) {
  TRY(const std::optional<DecisionRecord> record, load(store, change.folder, kDecision, decode_decision));
  return record ? std::optional(record->decision) : std::nullopt;
}

bool is_recorded(StateStore& store, const Change& change) {
  const auto intent = store.read(change.folder, kIntent, kRecordLimit);
  return !intent || intent->has_value();
}

bool has_end(StateStore& store, const Change& change) {
  const auto done = store.read(change.folder, kDone, kRecordLimit);
  return done && done->has_value();
}

Result<Decision> decide(StateStore& store, const Change& change, const DecisionRecord& record) {
  return publish_decision(store, change, record, [] { return true; });
}

Result<Decision> commit_if(StateStore& store, const Change& change, const RunFacts& by,
                           const std::function<bool()>& still) {
  return publish_decision(store, change, {.decision = Decision::commit, .by = by}, still);
}

Result<bool> finish(StateStore& store, const Change& change, const Done& done) {
  // The end first. If it cannot be recorded, the file `pending` stays, and with it the path unit's service, which tries
  // again to finish the change.
  TRY_VOID(store.publish(change.folder, kDone, encode(done)));
  return change.intent.deadline ? store.conclude_pending() : true;
}

Result<void> prune_changes(StateStore& store, const std::vector<Change>& changes, std::size_t keep) {
  const std::set<std::string> holders = holders_of_originals(changes);
  std::set<std::string> present;
  for (const Change& change : changes) present.insert(change.intent.id);
  // A rollback in force stays as long as a change that it undid: without its record that one would count as in force
  // again.
  const std::vector<std::string> in_force = changes_in_force(changes);
  const auto keeps_undone = [&](const Change& change) {
    const auto& undoes = change.intent.undoes;
    return std::find(in_force.begin(), in_force.end(), change.intent.id) != in_force.end() &&
           std::any_of(undoes.begin(), undoes.end(), [&](const std::string& id) { return present.contains(id); });
  };
  std::vector<std::string> folders;
  for (const Change& change : changes) {
    if (present.size() <= keep) break;
    if (!is_finished(change) || holders.contains(change.intent.id) || keeps_undone(change)) continue;
    folders.push_back(change.folder);
    present.erase(change.intent.id);
  }
  return store.remove_folders(folders);
}

bool is_finished(const Change& change) { return change.done.has_value(); }

bool is_committed(const Change& change) { return change.done && change.done->ending == Ending::committed; }

std::vector<std::string> subjects(const Intent& intent) {
  std::vector<std::string> names;
  for (const SettingChange& setting : intent.settings) names.push_back(setting.key);
  for (const FileChange& file : intent.files) names.push_back(file.path);
  return names;
}

std::vector<std::string> changes_in_force(const std::vector<Change>& changes) {
  std::set<std::string> undone;
  std::vector<std::string> in_force;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (!is_committed(*change) || undone.contains(change->intent.id)) continue;
    undone.insert(change->intent.undoes.begin(), change->intent.undoes.end());
    in_force.insert(in_force.begin(), change->intent.id);
  }
  return in_force;
}

}  // namespace twctl
