// Desired x Snapshot -> Plan: for each setting what would change in which layer, and what stands in the way. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "observe/observe.hpp"
#include "observe/snapshot.hpp"
#include "profile/desired.hpp"

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
  std::string note;  // why: "needs Linux 6.14", "/etc/sysctl.d/99-zz.conf:3 would win"; "" if plain
  friend bool operator==(const LayerVerdict&, const LayerVerdict&) = default;
};

struct PlannedSetting {
  const Setting* setting = nullptr;
  Entry entry;                                    // what is wanted, where it was asked for
  std::optional<Value> live = {};                 // nullopt: absent or not readable
  std::optional<Value> desired = {};              // resolved; nullopt for unset
  std::optional<Value> boot = {};                 // at the next boot as things stand; nullopt: not known
  std::optional<Place> boot_origin = {};          // nullopt: the kernel's default
  std::optional<Value> boot_procps = {};          // where `sysctl --system` would set another value than `boot`
  std::optional<LayerVerdict> live_verdict = {};  // nullopt: not in scope
  std::optional<LayerVerdict> boot_verdict = {};
  std::vector<Write> writes = {};
  bool denied = false;   // the registry: this account may not read or write it
  bool skipped = false;  // an optional key that this host lacks, or a removed one
  [[nodiscard]] Verdict verdict() const;
};

struct Hazard {
  std::string id;   // a row of catalog/finding.hpp
  std::string key;  // full key; "" if it concerns the whole plan
  bool blocking = false;
  bool accepted = false;
  std::string text;  // with this host's numbers and files; printable
  std::string source;
  friend bool operator==(const Hazard&, const Hazard&) = default;
};

struct PlanOptions {
  Scope scope = Scope::both;
  std::string boot_file{kOwnBootFile};
  std::vector<std::string> accept;  // "ID" or "ID:KEY"
};

struct Plan {
  HostFacts host;
  std::vector<std::string> profiles;
  Scope scope = Scope::both;
  std::string boot_file;  // "" on Windows, which has none
  std::vector<PlannedSetting> settings = {};
  std::vector<Hazard> hazards = {};
  std::vector<std::string> notes = {};  // printable
};

// What make_plan() needs to know of the host. Counting other namespaces costs a call a process, so it is not asked
// for here: where needs_other_namespaces(plan), fill it in and plan once more, as plan_here() does.
[[nodiscard]] ObserveRequest what_to_observe(const Desired& desired);
[[nodiscard]] bool needs_other_namespaces(const Plan& plan);

// Error: usage (an --accept of an unknown hazard), unsupported (--scope live where nothing is live, --scope boot
// with --netns, --scope boot and --boot-file on Windows).
[[nodiscard]] Result<Plan> make_plan(const Desired& desired, const Snapshot& snapshot, const PlanOptions& options);

[[nodiscard]] bool changes_anything(const Plan& plan);
[[nodiscard]] bool blocked(const Plan& plan);    // a blocking hazard that was not accepted: 3
[[nodiscard]] bool read_only(const Plan& plan);  // a needed write that this host's mounts forbid: 77

// Of a plan for Windows that is so: each setting with the reason, and what would help. `elevated`: whoever asks has an
// administrator's full rights already.
[[nodiscard]] Error registry_denial(const Plan& plan, bool elevated);

// The settings that have a write in `layer`, in an order in which the kernel takes every one of them (a port range
// may at no moment start below ip_unprivileged_port_start). Undo goes the other way. They point into `plan`.
[[nodiscard]] std::vector<const PlannedSetting*> write_order(const Plan& plan, Layer layer);

}  // namespace twctl
