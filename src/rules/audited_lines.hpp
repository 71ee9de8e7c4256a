// Replayed sysctl files + a setting -> every line about it, with what each loader makes the kernel take. Pure
// (tests/kernel/audit_test.cpp holds it to both loaders and the kernel).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/value.hpp"
#include "formats/sysctl.hpp"
#include "rules/availability.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {

// One assignment of a setting that we know, as a file makes it, and what the kernel would have after it.
struct AuditedLine {
  const Setting* setting = nullptr;  // never null
  std::string raw;                   // the value as written, raw bytes
  Place where;
  Fate fate = Fate::taken;                  // for its own loader
  bool clashes = false;                     // refused for the value of another setting, which the kernel holds it to
  bool wildcard = false;                    // the line means the setting by a wildcard
  bool ignores_errors = false;              // "-key = value"
  std::optional<Value> effective = {};      // what its own loader (procps, for sysctl files) makes the kernel take;
                                            // nullopt: the line is not applied
  std::optional<Place> overridden_by = {};  // the line that has the last word instead
  std::string note = {};  // why it is not applied, or what is read differently from what it looks like; printable
  bool read_by_systemd = true;
  bool systemd_differs = false;
  std::optional<Value> effective_systemd = {};  // where it differs; nullopt: not applied, or not the last word
  friend bool operator==(const AuditedLine&, const AuditedLine&) = default;

  // Whether the setting ends with this line's value, for the file's own loader and for systemd-sysctl.
  [[nodiscard]] bool in_force() const { return effective && !overridden_by; }
  [[nodiscard]] bool in_force_for_systemd() const {
    return systemd_differs ? effective_systemd.has_value() : in_force();
  }
  // What the setting ends with by this line for `loader`; nullopt: another line decides, or it is not applied.
  [[nodiscard]] std::optional<Value> value_for(Loader loader) const {
    if (loader == Loader::procps) return in_force() ? effective : std::nullopt;
    if (!in_force_for_systemd()) return std::nullopt;
    return systemd_differs ? effective_systemd : effective;
  }
};

// In procps's reading order, lines that only systemd reads after those. Lines that name the setting but assign nothing
// are there too, with the reason.
[[nodiscard]] std::vector<AuditedLine> audited_lines(const Setting& setting, const BootReplay& replay);

// What the kernel lacks, no line sets.
void mark_unavailable(AuditedLine& line, const Unavailable& why);

// The same of all lines about one setting. Those with a wildcard go: it means the keys that the kernel has.
void mark_unavailable(std::vector<AuditedLine>& lines, const Unavailable& why);

}  // namespace twctl
