// Files of a host -> who writes settings after the boot files have been read. What is not there writes nothing; of what
// is there, and may not be read, nobody knows (LaterWriter::unread).
#pragma once

#include <span>
#include <vector>

#include "base/result.hpp"
#include "observe/snapshot.hpp"
#include "observe/writers/script_writes.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// In the order in which they usually act. Error: invalid, over a limit of all of them together, which it names
// (script_writes.hpp).
[[nodiscard]] Result<std::vector<LaterWriter>> find_later_writers(HostFiles& files, Loader loader);

// Error: as there, of those of a snapshot.
[[nodiscard]] Result<void> check_later_limits(std::span<const LaterWriter> writers);

// The parts, one a program that writes.
[[nodiscard]] std::vector<LaterWriter> find_sysctl_credential(LaterScripts& scripts);  // of systemd's own loader
[[nodiscard]] std::vector<LaterWriter> find_ufw(LaterScripts& scripts);
[[nodiscard]] std::vector<LaterWriter> find_tuned(LaterScripts& scripts);
[[nodiscard]] std::vector<LaterWriter> find_kube_proxy(LaterScripts& scripts);
[[nodiscard]] std::vector<LaterWriter> find_cilium(LaterScripts& scripts);
[[nodiscard]] std::vector<LaterWriter> find_units(LaterScripts& scripts);  // of systemd, that a boot starts
// rc.local, rc?.d, cron, if-up.d, profile.d
[[nodiscard]] std::vector<LaterWriter> find_scripts(LaterScripts& scripts);
[[nodiscard]] std::vector<LaterWriter> find_tables(LaterScripts& scripts);  // tmpfiles.d, udev, modprobe.d, cloud-init

// What the kernel writes at a boot to come, before the boot files, by what its boot loader is told to hand to it.
// Error: invalid, for more than kMostLaterText of it.
[[nodiscard]] Result<std::vector<LaterWriter>> find_boot_parameters(HostFiles& files);

}  // namespace twctl
