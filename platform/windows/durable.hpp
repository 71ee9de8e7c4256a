// Files and folders that outlast a power cut: what is written is flushed, what is renamed is renamed on the disk
// (MOVEFILE_WRITE_THROUGH). There is no flushing a folder as on Linux: NTFS keeps its folders by a log of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/windows/system_error.hpp"

namespace twctl {

[[nodiscard]] bool already_there(SystemCode code);

// A new file with these bytes, on the disk; never over one that is there.
[[nodiscard]] OrCode<void> create_synced(const std::string& path, std::string_view bytes);

// Both try for a second: another program, a virus scanner for example, may have the file open for a moment.
[[nodiscard]] OrCode<void> rename_new(const std::string& from, const std::string& to);  // never over what is there
[[nodiscard]] OrCode<void> rename_over(const std::string& from,
                                       const std::string& to);  // in the place of what is there

// A file, a link, or a folder with what is in it, which may be files and links only. Missing already: done.
[[nodiscard]] OrCode<void> remove_entry(const std::string& path);

// In byte order; no folder of that name: none.
[[nodiscard]] OrCode<std::vector<std::string>> names_in(const std::string& folder);

}  // namespace twctl
