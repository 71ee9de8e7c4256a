// Files of a host -> who writes settings after the boot files have been read. Reads, never fails.
#pragma once

#include <optional>
#include <vector>

#include "observe/snapshot.hpp"
#include "platform/host_files.hpp"

namespace twctl {

[[nodiscard]] std::vector<LaterWriter> find_later_writers(HostFiles& files);

// The parts, one a program that writes.
[[nodiscard]] std::optional<LaterWriter> find_ufw(HostFiles& files);
[[nodiscard]] std::optional<LaterWriter> find_tuned(HostFiles& files);
[[nodiscard]] std::optional<LaterWriter> find_kube_proxy(HostFiles& files);
[[nodiscard]] std::optional<LaterWriter> find_cilium(HostFiles& files);

}  // namespace twctl
