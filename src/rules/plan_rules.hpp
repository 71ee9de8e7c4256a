// What a plan would do on a host -> hazards: findings, of which some block. Pure.
// When each one is found is its row in catalog/hazards.cpp; the table that lists the rules is in plan_rules.cpp.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rules/rule.hpp"
#include "rules/verdicts.hpp"

namespace twctl {

// What becomes of the boot file that a plan writes: it may take the place of another one, or give it back.
enum class BootFileFate { stays, appears, goes };

// What every rule of a plan looks at: the host, and for each key what is wanted, what is there now and what the plan
// leaves behind, in each layer.
struct PlanView {
  const HostView& host;
  Scope scope = Scope::both;
  std::span<const PlannedSetting> settings;
  std::span<const Slip> slips;                  // of the profiles' lines
  std::optional<std::string> mortal_init = {};  // PlanOptions::mortal_init
  BootFileFate file_fate = BootFileFate::stays;

  [[nodiscard]] const HostFacts& facts() const { return host.snapshot.host; }
  [[nodiscard]] std::vector<Layer> layers() const;                          // those in scope
  [[nodiscard]] const PlannedSetting* planned(std::string_view key) const;  // nullptr: not asked for, or skipped
  [[nodiscard]] std::optional<Value> before(Layer layer, std::string_view key) const;
  [[nodiscard]] std::optional<Value> after(Layer layer, std::string_view key) const;   // nullopt: absent, not known
  [[nodiscard]] std::optional<Value> wished(Layer layer, std::string_view key) const;  // `after`, if as wanted
  [[nodiscard]] std::optional<Value> written(Layer layer, std::string_view key) const;
};

// In the catalogue's order.
[[nodiscard]] std::span<const Rule<PlanView>> plan_rules();
[[nodiscard]] Findings find_hazards(const PlanView& plan);

// A live value that every network namespace has for itself is written: there may be other namespaces to count.
[[nodiscard]] bool needs_other_namespaces(std::span<const PlannedSetting> settings);

// Adds what `say(layer)` says of the first layer in scope that it says anything of: the same words for both layers
// would help nobody. nullptr: it says nothing of either.
template <class Say>
Finding* say_once(const PlanView& plan, FindingSink& found, std::string_view key, Say say) {
  for (const Layer layer : plan.layers()) {
    std::string text = say(layer);
    if (!text.empty()) return &found.add(key, std::move(text));
  }
  return nullptr;
}

namespace rules {

// plan_windows.cpp: the lines of profiles that are such a hazard, whatever the system.
void add_slips(const PlanView& plan, FindingSink& found);

// plan_boot.cpp: whether what is planned will be there, and stay.
void removed(const PlanView& plan, FindingSink& found);
void unsupported(const PlanView& plan, FindingSink& found);
void shadowed(const PlanView& plan, FindingSink& found);
void not_read_at_boot(const PlanView& plan, FindingSink& found);
void masks_file(const PlanView& plan, FindingSink& found);
void module_late(const PlanView& plan, FindingSink& found);
void later_writer(const PlanView& plan, FindingSink& found);
void possible_writer(const PlanView& plan, FindingSink& found);
void no_loader(const PlanView& plan, FindingSink& found);
void other_namespaces(const PlanView& plan, FindingSink& found);
void timer_dies_with_container(const PlanView& plan, FindingSink& found);

// plan_values.cpp: values that harm, or that do not do what people hope.
void tw_recycle(const PlanView& plan, FindingSink& found);
void reuse_without_timestamps(const PlanView& plan, FindingSink& found);
void reuse_not_loopback_here(const PlanView& plan, FindingSink& found);
void fin_timeout_trap(const PlanView& plan, FindingSink& found);
void not_time_wait(const PlanView& plan, FindingSink& found);
void buckets_low(const PlanView& plan, FindingSink& found);
void backlog_inert(const PlanView& plan, FindingSink& found);
void somaxconn_lower(const PlanView& plan, FindingSink& found);
void protection_lower(const PlanView& plan, FindingSink& found);
void unwise_value(const PlanView& plan, FindingSink& found);

// plan_ports.cpp: the range of local ports.
void ports_privileged(const PlanView& plan, FindingSink& found);
void ports_in_use(const PlanView& plan, FindingSink& found);
void ports_service(const PlanView& plan, FindingSink& found);
void ports_none(const PlanView& plan, FindingSink& found);
void ports_shrink(const PlanView& plan, FindingSink& found);

// plan_windows.cpp: a host whose settings are registry values.
void out_of_range(const PlanView& plan, FindingSink& found);
void time_wait_short(const PlanView& plan, FindingSink& found);
void wrong_type(const PlanView& plan, FindingSink& found);
void obsolete_value(const PlanView& plan, FindingSink& found);
void without_effect(const PlanView& plan, FindingSink& found);
void hexadecimal(const PlanView& plan, FindingSink& found);
void restart_needed(const PlanView& plan, FindingSink& found);
void container(const PlanView& plan, FindingSink& found);

}  // namespace rules
}  // namespace twctl
