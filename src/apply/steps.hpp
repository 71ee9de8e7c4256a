// The single steps that change the host: settings one by one, each read back, and boot files by rename. The way back
// goes by what is there now (old o, ours n, current c): c = o nothing to do; c = n write o and read it back; anything
// else is somebody else's and is kept. Nothing here decides anything; apply/transaction.hpp does.
#pragma once

#include <functional>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/boot_file_store.hpp"
#include "platform/setting_store.hpp"

namespace twctl {

// What could not be brought to the wanted state, and what was left because it is somebody else's.
struct Leftovers {
  std::vector<Conflict> conflicts;
  std::vector<Error> failures;  // refused: the kernel holds that setting to another one, which keeps it back
  [[nodiscard]] bool none() const { return conflicts.empty() && failures.empty(); }
};
void append(Leftovers& all, const Leftovers& more);

// The value in force now; nullopt: absent. Error: denied, where it cannot be read; as SettingStore::read().
[[nodiscard]] Result<std::optional<Value>> value_in_force(SettingStore& store, const Setting& setting);

// How far write_settings() got. Settings from `written` on were not touched.
struct Written {
  std::size_t written = 0;       // how many were written, the failing one included if it was
  std::optional<Error> failure;  // refused: somebody else's value stood there; failed; interrupted
};

// In order: is the old value still there? Then one write; does it read back as written? Stops at the first that is not
// so. After the last write all of them are synced to disk (SettingStore::sync()), as by the next two functions.
[[nodiscard]] Written write_settings(SettingStore& store, const std::vector<SettingChange>& settings,
                                     const std::function<bool()>& interrupted);

// Newest first, in several passes where one value keeps another from going back.
[[nodiscard]] Leftovers restore_settings(SettingStore& store, const std::vector<SettingChange>& settings);

// Old to new, by what is there now too: what recovery does for a change that was decided for.
[[nodiscard]] Leftovers complete_settings(SettingStore& store, const std::vector<SettingChange>& settings);

// Of settings that are to go from `before` to `after`: why some could not, for the value of a setting that the kernel
// holds them to.
[[nodiscard]] std::vector<Error> blocked_by_partner(SettingStore& store, const std::vector<SettingChange>& settings);

// What of an applied change somebody else has changed since: settings that are no longer as it left them, and files
// that are no longer as it found them, for files are written only after the decision. "KEY is 45, not 30"; printable.
// Error: not readable.
[[nodiscard]] Result<std::vector<std::string>> settings_changed_by_others(SettingStore& store, const Intent& intent);
[[nodiscard]] Result<std::vector<std::string>> files_changed_by_others(BootFileStore& store, const Intent& intent);

// Each file to its new content, or back to its old one: the staged file is moved over it, or the file is taken away. A
// second run finds nothing to do. A file that is neither old nor new is somebody else's and stays.
[[nodiscard]] Leftovers publish_files(BootFileStore& store, const std::string& id,
                                      const std::vector<FileChange>& files);
[[nodiscard]] Leftovers restore_files(BootFileStore& store, const std::string& id,
                                      const std::vector<FileChange>& files);

// The files that hold what the change would write, or may do so and cannot be read. A change that was not decided for
// never touched any other: where its own content is staged still, somebody else has written the same.
[[nodiscard]] std::vector<FileChange> files_of_ours(BootFileStore& store, const Intent& intent);

// That no file of this change is staged any more: what other runs have left is in nobody's way, a file of its own would
// be. Error: one is, or it cannot be seen.
[[nodiscard]] Result<void> nothing_staged(BootFileStore& store, const Intent& intent);

}  // namespace twctl
