// Files of a host -> who reads its sysctl files at the next boot.
#pragma once

#include "platform/host_facts.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// Where there is a process 1 (live, or captured with the host) it tells; in an image, what is installed.
[[nodiscard]] Loader find_loader(HostFiles& files);

}  // namespace twctl
