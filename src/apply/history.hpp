// Journal -> what history and status say of it. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "apply/change.hpp"
#include "observe/snapshot.hpp"

namespace twctl {

// What has become of a change, as a person asks.
enum class Standing { in_force, undone, rolled_back, gone, unfinished };

[[nodiscard]] std::string_view to_text(Standing standing);  // "in force", "undone"

struct HistoryEntry {
  Change change;
  Standing standing = Standing::in_force;
};

// Newest first.
[[nodiscard]] std::vector<HistoryEntry> history_of(const std::vector<Change>& journal);

// The values that the changes in force, of this boot and network namespace, have left: key -> value.
[[nodiscard]] std::vector<SettingChange> values_left(const std::vector<Change>& journal, const Habitat& here);

// The boot files that the changes in force have left, newest content of each.
[[nodiscard]] std::vector<FileChange> files_left(const std::vector<Change>& journal);

}  // namespace twctl
