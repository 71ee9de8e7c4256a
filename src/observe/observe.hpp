// Platform -> Snapshot. Reads the host and changes nothing. What a plan wants to know beyond a snapshot,
// plan/plan_here.hpp asks the host itself.
#pragma once

#include <span>

#include "base/result.hpp"
#include "observe/snapshot.hpp"
#include "platform/platform.hpp"

namespace twctl {

// Which of the costlier facts are wanted. `plan` asks for what its keys need, `snapshot` for everything.
struct ObserveRequest {
  std::vector<const Setting*> settings;  // whose live values; those of another operating system are passed over
  bool strays = false;                   // values of their names where Windows does not read them
  bool tcp_hash_entries = false;
  bool listening_ports = false;
  bool other_namespaces = false;
  bool boot_alone = false;     // of a root whose live values are not to be had from here, what lies on disk
  bool likely_kernel = false;  // of a tree whose kernel is not known, the one that it probably boots
};

[[nodiscard]] ObserveRequest everything(Os os);

// Error: what made the whole host unreadable (no procfs, a file mounted over a key). A key that is absent or
// denied is not an error: its LiveValue says so.
[[nodiscard]] Result<Snapshot> observe(Platform& platform, const ObserveRequest& request);

// Error: unsupported, below a root of another network namespace than this run's (HostFacts::live_elsewhere).
[[nodiscard]] Result<void> check_live_here(const HostFacts& facts);

// Error: failed, of a running Linux whose boot id or network namespace cannot be told: without them a value that is
// still changed could be taken for one that a restart has put back. On Windows no restart puts anything back.
[[nodiscard]] Result<void> check_identified(const HostFacts& facts);

}  // namespace twctl
