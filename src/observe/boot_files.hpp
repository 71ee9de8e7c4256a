// Files of a host -> the boot files that any loader reads, in no particular order. A file that cannot be read says why.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "platform/host_files.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

// Error: failed, for want of descriptors or memory, which is no trait of a file.
[[nodiscard]] Result<std::vector<BootFile>> read_boot_files(HostFiles& files);

// Of the paths of one name in several directories the first counts, as systemd's and procps's directories do it.
// `directories` in order of precedence, one below /lib where that is no link; only names that end so. Sorted by name.
[[nodiscard]] std::vector<std::string> files_by_name(HostFiles& files, std::span<const std::string_view> directories,
                                                     std::string_view ending = ".conf");

}  // namespace twctl
