// The running kernel, or the files of a host that does not run -> HostFacts.
#pragma once

#include "platform/host_facts.hpp"
#include "platform/host_files.hpp"
#include "platform/linux/procfs.hpp"

namespace twctl {

[[nodiscard]] HostFacts gather_facts(HostFiles& files, LiveSource source);

// What says that this is a container: "docker", "podman", "lxc" ...; "" if nothing does.
[[nodiscard]] std::string find_container(HostFiles& files);

}  // namespace twctl
