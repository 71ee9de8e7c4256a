// A snapshot as plan and audit look at it: what each setting is now, what the next boot makes of it, and whether a line
// of ours would. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "observe/snapshot.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {

struct HostView {
  const Snapshot& snapshot;
  BootReplay replay;
  Loader loader;           // where the host has no known one: systemd-sysctl, which most have
  bool boots = true;       // the boot files are this namespace's own
  std::string file;        // of ours: the one that a plan writes
  bool file_read = false;  // the loader reads it
};

// The view points to the snapshot.
[[nodiscard]] HostView view_of(const Snapshot& snapshot, std::string file = std::string(kOwnBootFile));

// The value in force; nullopt: absent, or not known.
[[nodiscard]] std::optional<Value> live_now(const Setting& setting, const HostView& host);

struct BootState {
  std::optional<Value> value;           // nullopt: not known
  std::optional<Place> origin = {};     // nullopt: the kernel's default
  std::vector<std::string> notes = {};  // printable: lines without effect
  friend bool operator==(const BootState&, const BootState&) = default;
};

// Late modules are honoured: a line for a key that is not there yet has no effect.
[[nodiscard]] BootState boot_state(const Setting& setting, const HostView& host);

// What `sysctl --system` would set where that is not `value`; nullopt: the same, or it is the loader anyway.
[[nodiscard]] std::optional<Value> procps_differs(const Setting& setting, const HostView& host,
                                                  const std::optional<Value>& value);

// The raw value of the last line for this very key in our own file.
[[nodiscard]] std::optional<std::string> own_line(const Setting& setting, const HostView& host);

// Why `key = value` in our own file would not decide; "" if it would. Printable.
[[nodiscard]] std::string shadowed_by(const Setting& setting, const HostView& host, const Value& value);

}  // namespace twctl
