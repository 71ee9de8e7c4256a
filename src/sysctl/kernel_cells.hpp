// The settings of a kernel while a loader writes to them: text -> what the kernel then has. Pure.
#pragma once

#include <map>
#include <string_view>

#include "sysctl/kernel_value.hpp"

namespace twctl {

// The kernel before the first line is written.
struct KernelStart {
  KernelVersion version = {};                     // {}: a current one
  std::map<std::string_view, Value> values = {};  // by key, where known; else the newest default of the catalogue
};

class KernelCells {
 public:
  // `start` outlives it.
  explicit KernelCells(const KernelStart& start) : start_(start) {}

  // What becomes of a write to a setting of Linux. A refused one changes nothing.
  KernelOutcome write(const Setting& setting, std::string_view text);

  // The same, as if the setting that the kernel holds it to did not matter.
  KernelOutcome write_alone(const Setting& setting, std::string_view text);

 private:
  [[nodiscard]] Value& value_of(const Setting& setting);
  [[nodiscard]] std::string clash(const Setting& setting, const Value& value);

  const KernelStart& start_;
  std::map<std::string_view, Value> values_;  // of settings that somebody has asked for
};

// The setting that the kernel holds this one to at every write: the port range starts at or above
// ip_unprivileged_port_start. nullptr: it stands alone.
[[nodiscard]] const Setting* partner_of(const Setting& setting);

// Whether the kernel refuses that text for what its partner is. `partner`: the value of partner_of(setting).
[[nodiscard]] bool clashes(const Setting& setting, std::string_view text, const Value& partner);

}  // namespace twctl
