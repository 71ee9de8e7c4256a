// A snapshot as the rules about hosts look at it: each line of its boot files judged, and what every setting is live
// and at the next boot. Pure.
#pragma once

#include <map>

#include "audit/file_lines.hpp"
#include "audit/settled.hpp"
#include "observe/snapshot.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {

struct HostView {
  const Snapshot& snapshot;
  const AuditContext& context;
  BootReplay replay;
  Loader loader;                  // where the host has no known one: systemd-sysctl, which most have
  bool boots = true;              // the boot files are this namespace's own
  std::vector<JudgedLine> lines;  // of every boot file that some loader reads
  Settled boot;                   // what lines set for the host's own loader
  Settled live;                   // what is live and not the kernel's default
};

// `context` is that of the snapshot's host. The view points to both.
[[nodiscard]] HostView view_of(const Snapshot& snapshot, const AuditContext& context);

}  // namespace twctl
