// Journal -> what history and status say of it: what has become of each change, what twctl has left where, and which
// settings wait for a restart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What has become of a change, as a person asks.
enum class Standing { in_force, undone, rolled_back, gone, pending, unfinished };

[[nodiscard]] std::string_view to_text(Standing standing);  // "in force", "undone"

struct HistoryEntry {
  Change change;
  Standing standing = Standing::in_force;
};

// Newest first.
[[nodiscard]] std::vector<HistoryEntry> history_of(const std::vector<Change>& journal);

// The same as seen from this host: a change in force whose values have gone with their network namespace is `gone`.
[[nodiscard]] std::vector<HistoryEntry> history_here(Platform& host, const HostFacts& facts,
                                                     const std::vector<Change>& journal);

// The newest change of a setting or file, and whose it is.
template <class T>
struct Left {
  T what;
  std::string change;  // id
};

// The live values that twctl has left here. After a boot these are the ones that it put into boot files too.
[[nodiscard]] std::vector<Left<SettingChange>> values_left(Platform& host, const HostFacts& facts,
                                                           const std::vector<Change>& journal);

// The boot files as twctl has left them.
[[nodiscard]] std::vector<Left<FileChange>> files_left(const std::vector<Change>& journal);

// The lines of that boot file as twctl has left them, whatever has become of the file since. Without a value after:
// none.
[[nodiscard]] std::vector<Left<SettingChange>> lines_left(const std::vector<Change>& journal, const std::string& path);

// The settings that wait for a restart of this boot of the system: what it took when it started is what their first
// change in it found, and not what was left in them. Keys, in the order in which they were first changed. Where a boot
// has no identity, every change counts as of this one: one restart too many does no harm. Pure.
[[nodiscard]] std::vector<std::string> awaiting_restart(const std::vector<Change>& journal, const std::string& boot_id);

// The same, of the journal as it is now, which is read only where the system has such settings at all. A journal that
// cannot be read counts as none: the change stands, and `status` says what is wrong with the journal.
[[nodiscard]] std::vector<std::string> restart_awaited(StateStore& store, const HostFacts& facts);

}  // namespace twctl
