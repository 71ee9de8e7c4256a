// The boot files of a host as a plan looks at them: what a key gets at the next boot now, and were our line there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "observe/snapshot.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {

struct BootSide {
  const Snapshot& snapshot;
  BootReplay replay;
  Loader loader;           // where the host has no known one: systemd-sysctl, which most have
  std::string file;        // the one that the plan writes
  bool file_read = false;  // the loader reads it
};

[[nodiscard]] BootSide make_boot_side(const Snapshot& snapshot, std::string file);

struct BootState {
  std::optional<Value> value;           // nullopt: not known
  std::optional<Place> origin = {};     // nullopt: the kernel's default
  std::vector<std::string> notes = {};  // printable: lines without effect
  friend bool operator==(const BootState&, const BootState&) = default;
};

// Late modules are honoured: a line for a key that is not there yet has no effect.
[[nodiscard]] BootState boot_state(const Setting& setting, const BootSide& side);

// What `sysctl --system` would set where that is not `value`; nullopt: the same, or it is the loader anyway.
[[nodiscard]] std::optional<Value> procps_differs(const Setting& setting, const BootSide& side,
                                                  const std::optional<Value>& value);

// The raw value of the last line for this very key in our own file.
[[nodiscard]] std::optional<std::string> own_line(const Setting& setting, const BootSide& side);

// Why `key = value` in our own file would not decide; "" if it would. Printable.
[[nodiscard]] std::string shadowed_by(const Setting& setting, const BootSide& side, const Value& value);

}  // namespace twctl
