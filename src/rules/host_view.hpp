// A snapshot as plan and audit look at it: with its boot files replayed, and the file that is ours. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "observe/snapshot.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {

// A script that ends at a command that fails on this kernel.
struct ScriptEnd {
  std::string writer;                           // printable
  LaterWrite at;                                // what the kernel refuses
  std::string why = {};                         // printable
  std::vector<std::string> keys_left_out = {};  // of ours, each once, in their order
};

struct HostView {
  const Snapshot& snapshot;
  BootReplay replay;
  Loader loader;           // where the host has no known one: systemd-sysctl, which most have
  bool boots = true;       // the boot files are this namespace's own
  std::string file;        // of ours: the one that a plan writes; "": none is
  bool file_read = false;  // the loader reads it
  // Of the snapshot, without what does not come to run on this kernel, for its script or unit ends before.
  std::vector<LaterWriter> later_writers = {};
  std::vector<ScriptEnd> script_ends = {};
};

// The view points to the snapshot.
[[nodiscard]] HostView view_of(const Snapshot& snapshot, std::string file = std::string(kOwnBootFile));

// The container of an application: what it has for process 1 reads no boot files.
[[nodiscard]] bool is_application_container(const HostFacts& host);

// Boot files set the values of the initial network namespace, and this is another one, of no container.
[[nodiscard]] bool is_other_namespace(const HostFacts& host);

// That, or one that was named with --netns.
[[nodiscard]] bool no_boot_file_sets(const HostFacts& host);

// The value in force; nullopt: absent, or not known.
[[nodiscard]] std::optional<Value> live_now(const Setting& setting, const HostView& host);

// The raw value of the last line for this very key in our own file, as the host's loader reads it, or as the other one
// does, where that does not read the file.
[[nodiscard]] std::optional<std::string> own_line(const Setting& setting, const HostView& host);

// Whether any loader takes a line of our own file for one of this very key.
[[nodiscard]] bool has_own_line(const Setting& setting, const HostView& host);

}  // namespace twctl
