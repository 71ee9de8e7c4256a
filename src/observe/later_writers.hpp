// Files of a host -> who writes settings after the boot files have been read. Reads, never fails: what is not there, or
// cannot be read, writes nothing.
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "observe/snapshot.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// In the order in which they usually act.
[[nodiscard]] std::vector<LaterWriter> find_later_writers(HostFiles& files);

// Error: invalid, for more than kMostLaterWrites of all of them together, and names the limit.
[[nodiscard]] Result<void> check_later_limits(std::span<const LaterWriter> writers);

// The parts, one a program that writes.
[[nodiscard]] std::vector<LaterWriter> find_ufw(HostFiles& files);
[[nodiscard]] std::vector<LaterWriter> find_tuned(HostFiles& files);
[[nodiscard]] std::vector<LaterWriter> find_kube_proxy(HostFiles& files);
[[nodiscard]] std::vector<LaterWriter> find_cilium(HostFiles& files);
[[nodiscard]] std::vector<LaterWriter> find_units(HostFiles& files);    // of systemd, that a boot starts
[[nodiscard]] std::vector<LaterWriter> find_scripts(HostFiles& files);  // rc.local, rc?.d, cron, if-up.d, profile.d
[[nodiscard]] std::vector<LaterWriter> find_tables(HostFiles& files);   // tmpfiles.d, udev, modprobe.d, cloud-init

// What the kernel writes at a boot to come, before the boot files, by what its boot loader is told to hand to it.
[[nodiscard]] std::vector<LaterWriter> find_boot_parameters(HostFiles& files);

}  // namespace twctl
