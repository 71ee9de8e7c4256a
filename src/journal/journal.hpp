// The changes of this host, as the state directory keeps them. The only code that names its records.
// A folder is published whole with the intent; a decision and an end are published once and never change.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/state_store.hpp"

namespace twctl {

inline constexpr std::size_t kKeptChanges = 100;
// To prune means to read them all, so it is done for some at once.
inline constexpr std::size_t kPrunedAt = 105;

// How many changes may be there before one more prunes, and how many it leaves. Others than the constants: in tests.
struct JournalLimits {
  std::size_t prune_above = kPrunedAt;
  std::size_t keep = kKeptChanges;
};

// What is kept in memory of the text of boot files. `digests`: for who asks no more of changes than what they have
// left, as digest_of() does of all that have their end but for the newest; a hundred changes of a long file take up
// hundreds of MiB as a whole.
enum class Texts { whole, digests };

// Oldest first. Error: invalid for a corrupt record, naming it and what is known of its change.
[[nodiscard]] Result<std::vector<Change>> load_changes(StateStore& store, Texts texts = Texts::whole);

// The same for a command that only reports: what is sound, and an error for each change that is damaged or cannot be
// read.
struct ReadableChanges {
  std::vector<Change> changes;
  std::vector<Error> damage;
  // Folders of changes that are part of a fold, which a run that was killed while it pruned has left. They count no
  // more.
  std::vector<std::string> superseded = {};
};
[[nodiscard]] Result<ReadableChanges> load_readable_changes(StateStore& store, Texts texts = Texts::whole);

// Of a change kept in little the whole, as its records have it, for who needs the texts of some changes one after the
// other. Error: as as_recorded().
using Recorded = std::function<Result<Change>(const Change&)>;
[[nodiscard]] inline Result<Change> as_it_is(const Change& change) { return change; }

// Only the newest change; nullopt: there is none. Costs the same however many there are.
[[nodiscard]] Result<std::optional<Change>> newest_change(StateStore& store);

// What a run has to know before it changes something. No change begins while another is unfinished, so that of the
// newest all records are verified, and of the others it is enough that they have an end: reading the records of a
// hundred changes costs more than the run itself.
struct Journal {
  std::vector<std::string> folders;  // of all changes, oldest first
  std::vector<Change> unfinished;    // oldest first
  // The first record that is damaged (invalid) or cannot be read (failed). Its change is left out of `unfinished`, and
  // the others are not: what has to be undone in time must not wait for the repair of another change.
  std::optional<Error> damage;
};
enum class Verify { newest, all };  // all: of each finished change too that its records are whole
[[nodiscard]] Result<Journal> load_journal(StateStore& store, Verify verify = Verify::newest);

// By the names of the folders. Error: invalid, where it would be over kMostChanges: a record of it could not be read.
[[nodiscard]] Result<std::uint64_t> next_sequence(const std::vector<std::string>& folders);

// As the journal names it: "00000007-ID".
[[nodiscard]] std::string folder_name(const Intent& intent);

// The one change whose id is `id`, or begins so; else the one that such a change is folded into. Error: refused, for
// none and for several. `location`: StateStore::location().
[[nodiscard]] Result<Change> find_change(const std::vector<Change>& changes, const std::string& id,
                                         std::string_view location);

// Whether `id`, whole or a beginning, is this change's and no other's.
[[nodiscard]] bool is_id_of(const Change& change, const std::string& id, const std::vector<std::string>& folders);

// Whether the intent is small enough to be recorded, and there is room for it beside what is staged. Error: failed.
[[nodiscard]] Result<void> check_recordable(StateStore& store, const Intent& intent,
                                            std::vector<RoomNeeded::Staged> staged);

// Makes the change durable, with the plain backups that restore it without twctl. Error: failed.
[[nodiscard]] Result<Change> record_intent(StateStore& store, Intent intent);

// Makes a change durable that is decided for and has its end already, as a fold does. Error: failed.
[[nodiscard]] Result<void> record_fold(StateStore& store, const Change& fold);

// The live values are set; the decision comes later. Error: failed; refused, as commit_if().
[[nodiscard]] Result<void> mark_applied(StateStore& store, Change& change, const std::function<bool()>& still);

// Takes that back: the change does not await confirmation any more. What is full takes no new record, but gives one up.
[[nodiscard]] Result<void> unmark_applied(StateStore& store, Change& change);

// The decision as it stands now; nullopt: there is none yet. Error: invalid, failed.
[[nodiscard]] Result<std::optional<Decision>> decision_on(StateStore& store, const Change& change);

// Whether its intent is still there. One that cannot be read counts as there.
[[nodiscard]] bool is_recorded(StateStore& store, const Change& change);

// As its records have it now. Error: invalid, failed.
[[nodiscard]] Result<Change> as_recorded(StateStore& store, const Change& change);

// Whether it has an end by now. Of records that cannot be read, or are damaged, none.
[[nodiscard]] bool has_end(StateStore& store, const Change& change);

// Publishes the decision, unless there is one already. Returns the one that is in force. Error: failed; whether
// anything was published, and is on disk, is then not known.
[[nodiscard]] Result<Decision> decide(StateStore& store, const Change& change, const DecisionRecord& record);

// The same for the decision to commit, if `still` says so when all of the record but its name is on disk. Error also:
// refused, where it does not; nothing is published then.
[[nodiscard]] Result<Decision> commit_if(StateStore& store, const Change& change, const RunFacts& by,
                                         const std::function<bool()>& still);

// The change has its end; if it was pending, it is no longer announced as such, and its timers know. false: they could
// not be told, because the announcement had been taken away. Error: failed.
[[nodiscard]] Result<bool> finish(StateStore& store, const Change& change, const Done& done);

[[nodiscard]] bool is_finished(const Change& change);
[[nodiscard]] bool is_committed(const Change& change);  // decided for, and finished

// Whether a change with those conflicts has left that key or file as somebody else had set it.
[[nodiscard]] bool is_kept(std::string_view what, const std::vector<Conflict>& conflicts);

// Whether a rollback of that change, which was made in a network namespace whose values no boot file sets, has left the
// file alone: it is not as that change left it, and may be the one of another mount of /etc.
[[nodiscard]] bool is_given_up(const std::vector<Change>& journal, const Change& change, std::string_view path);

// What a finished change has made of that file; nullptr: nothing, also where it has kept what somebody else had.
[[nodiscard]] const FileChange* file_change(const Change& change, std::string_view path);

// What a change is about: its keys and files.
[[nodiscard]] std::vector<std::string> subjects(const Intent& intent);

// The ids of the committed changes that no committed rollback, itself not undone, has undone.
[[nodiscard]] std::vector<std::string> changes_in_force(const std::vector<Change>& changes);

}  // namespace twctl
