#include "journal/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "journal/backup.hpp"
#include "journal/change_words.hpp"
#include "journal/file_lines.hpp"
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
  error.reasons = {"damaged-record"};
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

Error no_intent(const std::string& folder) {
  return in_record({.code = ErrorCode::invalid, .message = "it is missing or belongs elsewhere"}, folder, kIntent);
}

// What a run that ends a change records: a decision, then the end that it has led to. Any other end is nobody's.
// Error: invalid.
Result<void> check_end(const std::string& folder, const std::optional<Done>& done,
                       const std::optional<DecisionRecord>& decision) {
  if (!done) return {};
  const bool committed = done->ending == Ending::committed;
  if (decision && (decision->decision == Decision::commit) == committed) return {};
  return fail(in_record({.code = ErrorCode::invalid, .message = "no decision that is recorded has led to this end"},
                        folder, kDone));
}

Result<Change> load_change(StateStore& store, const std::string& folder) {
  std::size_t size = 0;
  TRY(std::optional<Intent> intent, load(store, folder, kIntent, [&](std::string_view bytes) {
        size = bytes.size();
        return decode_intent(bytes);
      }));
  if (!intent || folder_name(*intent) != folder) return fail(no_intent(folder));
  TRY(const std::optional<bool> applied, load(store, folder, kApplied, decode_applied));
  // The end before the decision that has led to it: readers hold no lock, and both may appear meanwhile.
  TRY(std::optional<Done> done, load(store, folder, kDone, decode_done));
  TRY(std::optional<DecisionRecord> decision, load(store, folder, kDecision, decode_decision));
  TRY_VOID(check_end(folder, done, decision));
  return Change{.folder = folder,
                .intent = *std::move(intent),
                .size = size,
                .applied = applied.has_value(),
                .decision = decision ? std::optional(decision->decision) : std::nullopt,
                .decided_by = decision ? std::move(decision->by) : std::nullopt,
                .lapsed = decision && decision->lapsed,
                .decision_reason = decision ? std::move(decision->reason) : "",
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

// Whether the change has its end. Of the intent of one that has, only the checksum is verified: decoding them all takes
// too long. Error: a record is damaged, the intent is missing, or the end is not the one that was decided for.
Result<bool> has_ended(StateStore& store, const std::string& folder) {
  TRY(const std::optional<Done> done, load(store, folder, kDone, decode_done));
  if (!done) return false;
  TRY(const std::optional<bool> intent, load(store, folder, kIntent, check_whole));
  if (!intent || sequence_of(folder) == 0) return fail(no_intent(folder));
  TRY_VOID(load(store, folder, kApplied, check_whole));
  TRY(const std::optional<DecisionRecord> decision, load(store, folder, kDecision, decode_decision));
  TRY_VOID(check_end(folder, done, decision));
  return true;
}

// A folder whose records could not be read, and why.
struct Unread {
  std::string folder;
  Error error;
};

// Of those, what is damage: the others a run that prunes has taken away meanwhile, for readers hold no lock. The
// folders are listed once, however many are damaged, and after all were tried.
std::vector<Error> still_there(StateStore& store, std::vector<Unread> unread) {
  if (unread.empty()) return {};
  const auto folders = store.folders();  // in byte order
  std::vector<Error> errors;
  for (Unread& one : unread) {
    if (folders && !std::binary_search(folders->begin(), folders->end(), one.folder)) continue;
    errors.push_back(std::move(one.error));
  }
  return errors;
}

// What a fold holds already. It appears whole before what it stands for is taken away.
bool is_superseded(const Change& change, const Change& fold) {
  if (!fold.intent.folded || fold.folder == change.folder) return false;
  if (change.intent.sequence > fold.intent.sequence) return false;
  const auto& ids = fold.intent.folded->ids;
  return change.intent.id == fold.intent.id || std::find(ids.begin(), ids.end(), change.intent.id) != ids.end();
}

void set_superseded_aside(ReadableChanges& sound) {
  for (const Change& change : sound.changes) {
    const bool held = std::any_of(sound.changes.begin(), sound.changes.end(),
                                  [&](const Change& fold) { return is_superseded(change, fold); });
    if (held) sound.superseded.push_back(change.folder);
  }
  std::erase_if(sound.changes, [&](const Change& change) { return is_one_of(change.folder, sound.superseded); });
}

void shorten_texts(Change& change) {
  if (!is_finished(change)) return;
  for (FileChange& file : change.intent.files) {
    file.before = digest_of(std::move(file.before));
    file.after = digest_of(std::move(file.after));
  }
}

// nullopt: a run that prunes has taken something away meanwhile, for readers hold no lock.
Result<std::optional<ReadableChanges>> load_once(StateStore& store, Texts texts) {
  TRY(const std::vector<std::string> folders, store.folders());
  ReadableChanges sound;
  std::vector<Unread> unread;
  for (const std::string& folder : folders) {
    Result<Change> change = load_change(store, folder);
    if (change && texts == Texts::digests && folder != folders.back()) shorten_texts(*change);
    if (change) {
      sound.changes.push_back(*std::move(change));
    } else {
      unread.push_back({folder, std::move(change).error()});
    }
  }
  const std::size_t failed = unread.size();
  sound.damage = still_there(store, std::move(unread));
  if (sound.damage.size() < failed) return std::nullopt;
  set_superseded_aside(sound);
  return std::optional(std::move(sound));
}

// Error: failed; over kRecordLimit it could not be read again.
Result<NamedBytes> intent_record(const Intent& intent) {
  NamedBytes record{kIntent, encode(intent)};
  if (record.bytes.size() <= kRecordLimit) return record;
  return fail(ErrorCode::failed, fmt::format("the change is too large to be recorded: over {} bytes", kRecordLimit),
              "its boot file has bytes that are no text; take them out");
}

// The intent and the plain backups that it begins with. Error: failed.
Result<std::vector<NamedBytes>> files_of(const StateStore& store, const Intent& intent) {
  std::vector<NamedBytes> files = plain_backups(intent, store.location() + "/" + folder_name(intent));
  TRY(files.emplace_back(), intent_record(intent));
  return files;
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

Result<ReadableChanges> load_readable_changes(StateStore& store, Texts texts) {
  constexpr int kMostPrunings = 20;  // while one reads
  for (int i = 0; i < kMostPrunings; ++i) {
    TRY(std::optional<ReadableChanges> sound, load_once(store, texts));
    if (sound) return *std::move(sound);
  }
  return fail(ErrorCode::busy, "the journal changes faster than it can be read", "try again");
}

Result<std::optional<Change>> newest_change(StateStore& store) {
  TRY(const std::vector<std::string> folders, store.folders());
  if (folders.empty()) return std::optional<Change>();
  TRY(Change change, load_change(store, folders.back()));
  return std::optional(std::move(change));
}

Result<std::vector<Change>> load_changes(StateStore& store, Texts texts) {
  TRY(ReadableChanges sound, load_readable_changes(store, texts));
  if (!sound.damage.empty()) return fail(std::move(sound.damage.front()));
  return std::move(sound.changes);
}

Result<Journal> load_journal(StateStore& store, Verify verify) {
  Journal journal;
  std::vector<Unread> unread;
  TRY(journal.folders, store.folders());
  for (const std::string& folder : journal.folders) {
    const bool verified = verify == Verify::all || folder == journal.folders.back();
    const Result<bool> ended = verified ? has_ended(store, folder) : store.has(folder, kDone);
    if (ended && *ended) continue;
    Result<Change> change = ended ? load_change(store, folder) : fail(ended.error());
    if (change) {
      if (!is_finished(*change)) journal.unfinished.push_back(*std::move(change));
    } else {
      unread.push_back({folder, std::move(change).error()});
    }
  }
  std::vector<Error> damage = still_there(store, std::move(unread));
  if (!damage.empty()) journal.damage = std::move(damage.front());
  return journal;
}

std::string folder_name(const Intent& intent) { return fmt::format("{:08}-{}", intent.sequence, intent.id); }

Result<std::uint64_t> next_sequence(const std::vector<std::string>& folders) {
  const std::uint64_t last = folders.empty() ? 0 : sequence_of(folders.back());
  if (last < kMostChanges) return last + 1;
  return fail(ErrorCode::invalid, fmt::format("the journal has had {} changes, and more are not recorded", last),
              "restore what is to go back by the plain files in its folders, then move the state directory away");
}

Result<Change> find_change(const std::vector<Change>& changes, const std::string& id, std::string_view location) {
  const auto begins_so = [&](const std::string& other) { return !id.empty() && other.starts_with(id); };
  const auto holds_it = [&](const Change& change) {
    const std::vector<std::string> ids = change.intent.folded.value_or(Folded{}).ids;
    return std::any_of(ids.begin(), ids.end(), begins_so);
  };
  std::vector<const Change*> found;
  for (const Change& change : changes) {
    if (begins_so(change.intent.id)) found.push_back(&change);
  }
  for (const Change& change : changes) {
    if (found.empty() && holds_it(change)) found.push_back(&change);
  }
  if (found.size() == 1) return *found.front();
  return fail(
      ErrorCode::refused,
      fmt::format("{} change has an id that begins with {}", found.empty() ? "no" : "more than one", escape(id)),
      "see: " + command_in("", "history", location));
}

bool is_id_of(const Change& change, const std::string& id, const std::vector<std::string>& folders) {
  const auto begins_so = [&](const std::string& folder) { return id_of(folder).starts_with(id); };
  return !id.empty() && change.intent.id.starts_with(id) &&
         std::count_if(folders.begin(), folders.end(), begins_so) == 1;
}

Result<void> check_recordable(StateStore& store, const Intent& intent, std::vector<RoomNeeded::Staged> staged) {
  TRY(const std::vector<NamedBytes> files, files_of(store, intent));
  RoomNeeded needed{.records = sizes_of(files), .staged = std::move(staged)};
  if (intent.deadline) needed.small_ones = {.files = 5, .blocks = 5};  // the file `pending` is one more
  return store.check_room(needed);
}

Result<Change> record_intent(StateStore& store, Intent intent) {
  Change change;
  change.folder = folder_name(intent);
  change.intent = std::move(intent);
  TRY(const std::vector<NamedBytes> files, files_of(store, change.intent));
  change.size = files.back().bytes.size();
  TRY_VOID(store.create_folder(change.folder, files));
  return change;
}

Result<void> record_fold(StateStore& store, const Change& fold) {
  TRY(std::vector<NamedBytes> files, files_of(store, fold.intent));
  files.push_back({kDecision, encode(DecisionRecord{.decision = Decision::commit, .by = fold.decided_by})});
  files.push_back({kDone, encode(*fold.done)});
  return store.create_folder(fold.folder, files);
}

Result<void> mark_applied(StateStore& store, Change& change, const std::function<bool()>& still) {
  TRY_VOID(store.publish_if(change.folder, kApplied, encode_applied(), still));
  change.applied = true;
  return {};
}

Result<void> unmark_applied(StateStore& store, Change& change) {
  TRY_VOID(store.withdraw(change.folder, kApplied));
  change.applied = false;
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

Result<Change> as_recorded(StateStore& store, const Change& change) { return load_change(store, change.folder); }

bool has_end(StateStore& store, const Change& change) {
  const Result<bool> ended = has_ended(store, change.folder);
  return ended && *ended;
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

bool is_finished(const Change& change) { return change.done.has_value(); }

bool is_committed(const Change& change) { return change.done && change.done->ending == Ending::committed; }

bool is_kept(std::string_view what, const std::vector<Conflict>& conflicts) {
  return std::any_of(conflicts.begin(), conflicts.end(),
                     [&](const Conflict& conflict) { return conflict.what == what; });
}

bool is_given_up(const std::vector<Change>& journal, const Change& change, std::string_view path) {
  if (change.intent.origin.loaded_at_boot) return false;
  return std::any_of(journal.begin(), journal.end(), [&](const Change& rollback) {
    return is_committed(rollback) && is_one_of(change.intent.id, rollback.intent.undoes) &&
           !is_one_of(path, subjects(rollback.intent));
  });
}

const FileChange* file_change(const Change& change, std::string_view path) {
  const auto& files = change.intent.files;
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const FileChange& file) { return file.path == path; });
  return found == files.end() || is_kept(path, change.done->conflicts) ? nullptr : &*found;
}

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
