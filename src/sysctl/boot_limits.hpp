// Why the boot files of a host cannot be judged: how much they may hold, because what is read has to be resolved in the
// time and memory that a command may take (docs/safety.md; real hosts stay far below), and which could not be read.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

inline constexpr std::size_t kMostBootFiles = 1000;
inline constexpr std::size_t kMostBootBytes = std::size_t{2} * 1024 * 1024;  // of all files together
inline constexpr std::size_t kMostBootLines = 8000;     // of all files; a dump of every setting has some 1500
inline constexpr std::size_t kMostWildcardLines = 250;  // each may mean every setting of the catalogue

// Error: invalid, and names the limit.
[[nodiscard]] Result<void> check_boot_limits(std::span<const BootFile> files);

// As check_boot_limits() of one file of another kind: what its patterns are is no matter. Error: as there.
[[nodiscard]] Result<void> check_line_limit(std::string_view path, std::string_view bytes);

// Those whose lines `loader` would read and we could not: files that nothing masks, directories that cannot be listed.
[[nodiscard]] BootFiles files_unread(const BootConfig& config, Loader loader);

inline constexpr std::string_view kPermissionDenied = "Permission denied";  // what BootConfig::File::problem says of it

[[nodiscard]] std::string unread_text(const BootConfig::File& file);  // what that means; printable

}  // namespace twctl
