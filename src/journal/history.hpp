// Journal -> what history and status say of it.
#pragma once

#include <optional>
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

}  // namespace twctl
