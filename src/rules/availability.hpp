// Whether a host has a setting at all, and if not, why. Pure.
#pragma once

#include <optional>
#include <string>

#include "observe/snapshot.hpp"
#include "sysctl/kernel_cells.hpp"

namespace twctl {

// Why a host does not have a setting.
struct Unavailable {
  enum class Reason {
    removed,            // a newer kernel than the last that had it
    unsupported,        // an older kernel, another vendor's, one built without it, or another network namespace
    module_not_loaded,  // a later boot may have it
  };
  Reason reason = Reason::unsupported;
  std::string text;  // "needs Linux 6.14 (this is 6.1.0-30-amd64)"; printable
};

// nullopt: it is there, or (in the registry) can be made. On a live host the file decides (distributions backport);
// else the kernel's version does, and a kernel of unknown version is taken as a current one.
[[nodiscard]] std::optional<Unavailable> why_unavailable(const Setting& setting, const Snapshot& snapshot);

// The same by what the catalogue knows of kernels alone, whatever is live.
[[nodiscard]] std::optional<Unavailable> why_unavailable_by_version(const Setting& setting, const HostFacts& host);

// Absent where the snapshot has no such key.
[[nodiscard]] const LiveValue& live_value(const Setting& setting, const Snapshot& snapshot);

// The setting's default on this host's kernel; nullopt where it depends on memory, or on a kernel that is not known.
[[nodiscard]] std::optional<Value> kernel_default(const Setting& setting, const HostFacts& host);

// The kernel that the boot files are written to: its version, and its defaults where they are known.
[[nodiscard]] KernelStart kernel_start(const HostFacts& host);

// Its module is loaded, if at all, only after the boot files have been read.
[[nodiscard]] bool loads_late(const Setting& setting, const Snapshot& snapshot);

[[nodiscard]] std::string kernel_name(const HostFacts& host);  // printable: "6.1.0-30-amd64"

}  // namespace twctl
