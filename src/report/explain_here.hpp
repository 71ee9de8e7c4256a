// What a setting is on one host: its live value, the next boot's, the default of that kernel. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/value.hpp"
#include "observe/snapshot.hpp"
#include "report/page.hpp"
#include "rules/boot_state.hpp"

namespace twctl {

struct SettingHere {
  std::optional<Value> live;
  std::string live_problem;  // why there is no live value; printable; "" with one, or where nothing is live
  bool unavailable = false;  // that is why: this kernel or host has no such setting
  bool read_only = false;
  std::optional<Value> default_value;  // of this kernel; nullopt: not known, or it depends on memory
  std::optional<Value> boot;           // what the next boot sets; nullopt: not known
  std::optional<Place> boot_origin;    // the line that decides; nullopt: none does, it is the kernel's default
  std::string boot_writer;             // as BootState::writer
  std::vector<PossibleValue> boot_perhaps;
};
[[nodiscard]] SettingHere setting_here(const Setting& setting, const Snapshot& here);

// What the kernel, this host's where there is one, makes of a value as a line has it: "1 (on ...)", or why it is
// refused.
[[nodiscard]] std::string line_text(const Setting& setting, std::string_view value, const Snapshot* here);

// Adds "live here", "next boot" and "default here", each where it is known or where its absence has a reason.
void add_facts_here(Page& page, const Setting& setting, const Snapshot& here);

// "0 (off)", "60 s", "32768 60999", "empty". Printable, whatever the host had there.
[[nodiscard]] std::string value_text(const Setting& setting, const Value& value);

}  // namespace twctl
