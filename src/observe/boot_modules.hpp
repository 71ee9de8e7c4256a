// Files of a host -> which kernel modules are there before the boot files are read. Reads, never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/host_files.hpp"

namespace twctl {

// Of `wanted` (names with underscores) those that are built into the kernel `release`, or that modules-load.d(5) or
// /etc/modules loads, by themselves or for another module that needs them.
[[nodiscard]] std::vector<std::string> find_boot_modules(HostFiles& files, std::string_view release,
                                                         const std::vector<std::string>& wanted);

}  // namespace twctl
