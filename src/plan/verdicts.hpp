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

}  // namespace twctl
