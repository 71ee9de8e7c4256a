// How much the boot files of a host may hold before they are refused: what is read has to be resolved in the time and
// memory that a command may take (docs/safety.md). Real hosts stay far below.
#pragma once

#include <span>

#include "base/result.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

inline constexpr std::size_t kMostBootFiles = 1000;
inline constexpr std::size_t kMostBootBytes = std::size_t{2} * 1024 * 1024;  // of all files together
inline constexpr std::size_t kMostBootLines = 20000;    // of all files; a dump of every setting has some 1500
inline constexpr std::size_t kMostWildcardLines = 250;  // each may mean every setting of the catalogue

// Error: invalid, and names the limit.
[[nodiscard]] Result<void> check_boot_limits(std::span<const BootFile> files);

}  // namespace twctl
