// Intent -> plain files that put everything back without twctl: `sysctl -p FILE` for the live values, one `cp` line
// (or `rm`, where there was no file) for each boot file; on Windows a file that `reg import` takes. Pure.
#pragma once

#include <string>
#include <vector>

#include "journal/change.hpp"
#include "platform/state_store.hpp"

namespace twctl {

inline constexpr const char* kRestoreLive = "restore-live.conf";
inline constexpr const char* kRestoreRegistry = "restore.reg";

// `location` is where the files will lie, as the command lines in them name it.
[[nodiscard]] std::vector<NamedBytes> plain_backups(const Intent& intent, const std::string& location);

// The commands, one a line, that `history ID` and apply's output show.
[[nodiscard]] std::vector<std::string> restore_commands(const Intent& intent, const std::string& location);

}  // namespace twctl
