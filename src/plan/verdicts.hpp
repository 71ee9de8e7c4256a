// One wish x what the snapshot says of its key -> PlannedSetting, each layer judged by itself. Pure.
#pragma once

#include "plan/boot_side.hpp"
#include "plan/plan.hpp"

namespace twctl {

struct Scopes {
  bool live = false;
  bool boot = false;
};

// `notes` gains what a person should know of the boot files' lines for this key. Printable.
[[nodiscard]] PlannedSetting plan_setting(const Entry& entry, const BootSide& side, Scopes scopes,
                                          std::vector<std::string>& notes);

// The same of a registry value, which is one for now and for every boot to come: the live layer is all there is.
[[nodiscard]] PlannedSetting plan_registry_value(const Entry& entry, const Snapshot& snapshot);

}  // namespace twctl
