// One wish x what a host has of its key -> what would change in which layer, and what stands in the way. Each layer is
// judged by itself. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/desired.hpp"
#include "rules/boot_state.hpp"
#include "rules/host_view.hpp"

namespace twctl {

enum class Scope { live, boot, both };
enum class Layer { live, boot };

// From the lightest to the weightiest: a setting's own verdict is the weightier of its two layers'.
enum class Verdict { ok, removed, change, read_only, unsupported, shadowed };

struct Write {
  Layer layer = Layer::live;
  std::optional<Value> before;  // nullopt: absent
  std::optional<Value> after;   // nullopt: the line goes
  friend bool operator==(const Write&, const Write&) = default;
};

struct LayerVerdict {
  Verdict verdict = Verdict::ok;
  std::string note;              // why: "needs Linux 6.14", "/etc/sysctl.d/99-zz.conf:3 would win"; "" if plain
  bool by_later_writer = false;  // shadowed by what somebody writes after the boot files
  Place by = {};                 // shadowed: the line that decides instead; {} where it is none
  bool refused = false;          // shadowed: by nobody, the kernel refuses our own line, whichever file has it
  friend bool operator==(const LayerVerdict&, const LayerVerdict&) = default;
};

struct PlannedSetting {
  const Setting* setting = nullptr;
  Entry entry;                                    // what is wanted, where it was asked for
  std::optional<Value> live = {};                 // nullopt: absent or not readable
  std::optional<Value> desired = {};              // resolved; nullopt for unset
  std::optional<Value> boot = {};                 // at the next boot as things stand; nullopt: not known
  std::optional<Place> boot_origin = {};          // nullopt: the kernel's default
  std::string boot_writer = {};                   // who writes it after the boot files; "" for nobody
  std::vector<PossibleValue> boot_perhaps = {};   // what else it may be by then
  std::optional<Value> boot_procps = {};          // where `sysctl --system` would set another value than `boot`
  std::vector<std::string> boot_notes = {};       // lines of boot files without effect; printable
  std::optional<LayerVerdict> live_verdict = {};  // nullopt: not in scope
  std::optional<LayerVerdict> boot_verdict = {};
  std::vector<Write> writes = {};
  // The value is as wanted, but not as twctl had left it: apply records it, and from then on it is twctl's.
  bool taken_over = false;
  bool denied = false;   // the registry: this account may not read or write it
  bool skipped = false;  // an optional key that this host lacks, or a removed one
  [[nodiscard]] Verdict verdict() const;
  [[nodiscard]] bool is_changed() const { return taken_over || !writes.empty(); }  // by apply, if only in the journal
  [[nodiscard]] const Write* write_in(Layer layer) const;                          // nullptr: none
};

[[nodiscard]] PlannedSetting plan_setting(const Entry& entry, const HostView& host, Scope scope);

// The same of a registry value, which is one for now and for every boot to come: the live layer is all there is.
[[nodiscard]] PlannedSetting plan_registry_value(const Entry& entry, const Snapshot& snapshot);

}  // namespace twctl
