// Boot files -> the ones that a loader reads, in its order: masked by name over directories, sorted by name. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sysctl/boot.hpp"

namespace twctl {

using BootFiles = std::vector<const BootConfig::File*>;

[[nodiscard]] BootFiles all_files(const BootConfig& config);

// Without masked ones, and without those that have no lines to give (a mask, an unreadable file).
[[nodiscard]] BootFiles files_in_order(const BootFiles& files, Loader loader);

// The same for the files of `config`, whose order is worked out once.
[[nodiscard]] BootFiles files_read(const BootConfig& config, Loader loader);

// The file that an editor would change: what a link points to, else the file itself. Works on the text alone.
[[nodiscard]] std::string edited_path(const BootConfig::File& file);

[[nodiscard]] inline const AssignmentFile& as_read_by(Loader loader, const BootConfig::File& file) {
  return loader == Loader::procps ? file.procps : file.systemd;
}

}  // namespace twctl
