// Journal -> what history and status say of it: what has become of each change, how twctl has left the boot files, and
// which settings wait for a restart. Values and lines: journal/values_left.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/change.hpp"
#include "journal/origin.hpp"
#include "platform/platform.hpp"

namespace twctl {

// What has become of a change, as a person asks.
enum class Standing { in_force, undone, rolled_back, gone, pending, unfinished };

[[nodiscard]] std::string_view to_text(Standing standing);  // "in force", "undone"

struct HistoryEntry {
  Change change;
  Standing standing = Standing::in_force;
  Whereabouts where = Whereabouts::here;  // its values are, as seen from here
  std::string netns = {};  // of those elsewhere: what --netns takes for that place now; "" where it cannot be told
  std::string later = {};  // the newest change in force that has written one of its settings or files again: its id
};

// Newest first.
[[nodiscard]] std::vector<HistoryEntry> history_of(const std::vector<Change>& journal);

// The same as seen from this host: a change in force whose values have gone with their network namespace is `gone`.
[[nodiscard]] std::vector<HistoryEntry> history_here(Platform& host, const HostFacts& facts,
                                                     const std::vector<Change>& journal);

// A boot file as twctl has left it, and by which change.
struct FileLeft {
  FileChange file;
  std::string change;  // id
};

[[nodiscard]] std::vector<FileLeft> files_left(const std::vector<Change>& journal);

// The settings that wait for a restart of this boot of the system: what it took when it started is what their first
// change in it found, and not what was left in them. Keys, in the order in which they were first changed. Where a boot
// has no identity, every change counts as of this one: one restart too many does no harm. Pure.
[[nodiscard]] std::vector<std::string> awaiting_restart(const std::vector<Change>& journal, const std::string& boot_id);

// The same, of the journal as it is now, which is read only where the system has such settings at all. A journal that
// cannot be read counts as none: the change stands, and `status` says what is wrong with the journal.
[[nodiscard]] std::vector<std::string> restart_awaited(StateStore& store, const HostFacts& facts);

}  // namespace twctl
