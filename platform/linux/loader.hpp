// Files of a host -> who reads its sysctl files at the next boot.
#pragma once

#include "platform/host_facts.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// Whether the files are those of the system that runs (then its process 1 tells) or of an image.
enum class HostState { running, at_rest };

[[nodiscard]] Loader find_loader(HostFiles& files, HostState state);

}  // namespace twctl
