// What a setting will be after the next boot: when the kernel, the loader of the boot files and everybody who writes
// later have written. The one answer of plan, audit, explain and snapshots. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/finding.hpp"
#include "rules/host_view.hpp"

namespace twctl {

// What a later writer may make of a setting, at a moment that nobody knows.
struct PossibleValue {
  std::string writer;               // its name, printable
  std::string shown_by;             // the line that says so, or what shows the writer: "/etc/cron.d/x:3"; printable
  std::optional<Value> value = {};  // nullopt: not known
  Place where = {};                 // of that line; {} where none is known
  bool at_a_later_boot = false;     // by the kernel's command line, where no boot file sets it
  friend bool operator==(const PossibleValue&, const PossibleValue&) = default;
};

struct BootState {
  std::optional<Value> value;               // nullopt: not known
  std::optional<Place> origin = {};         // of the line that decides; nullopt: the kernel's default
  std::vector<std::string> notes = {};      // printable: lines of boot files without effect
  std::string writer = {};                  // who writes `origin`, printable; "" for the loader, or nobody
  std::vector<PossibleValue> perhaps = {};  // other values that it may get
  friend bool operator==(const BootState&, const BootState&) = default;
};

// Late modules are honoured: a line of a boot file for a key that is not there yet has no effect.
[[nodiscard]] BootState boot_state(const Setting& setting, const HostView& host);

// The same, were there such a line.
[[nodiscard]] BootState boot_state_with(const Setting& setting, const HostView& host, const SupposedLine& supposed);

// What it would be with `sysctl --system` as the loader, where that is not `value`; nullopt: the same, or it is the
// loader anyway.
[[nodiscard]] std::optional<Value> procps_differs(const Setting& setting, const HostView& host,
                                                  const std::optional<Value>& value);

// Why the kernel refuses our own file's line for it at the next boot, printable; "" if it does not. Another line of a
// file may be why, by its value or by its place: a port range and ip_unprivileged_port_start.
[[nodiscard]] std::string refused_at_boot(const Setting& setting, const HostView& host);

// Why `key = value` in our own file would not decide.
struct Shadow {
  std::string why;     // printable; "" if it would decide
  Place by = {};       // of the line that decides instead; {} where it is none
  bool later = false;  // for what a later writer writes, not for another boot file
};
[[nodiscard]] Shadow shadowed_by(const Setting& setting, const HostView& host, const Value& value);

// What a person is told of LaterWriter::unread.
[[nodiscard]] std::string unread_text(const LaterWriter& writer);

// Of the catalogue's sources the one about this writer; without one, what shows it here.
[[nodiscard]] std::string source_about(std::string_view writer, const FindingRow& row, std::string shown_by);

}  // namespace twctl
