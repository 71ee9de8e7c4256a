#include "rules/plan_rules.hpp"

#include <algorithm>
#include <array>

#include "rules/availability.hpp"
#include "rules/boot_state.hpp"

namespace twctl {
namespace {

constexpr std::array kPlanRules{
    Rule<PlanView>{"tw-recycle", rules::tw_recycle},
    Rule<PlanView>{"removed", rules::removed},
    Rule<PlanView>{"unsupported", rules::unsupported},
    Rule<PlanView>{"shadowed", rules::shadowed},
    Rule<PlanView>{"near-miss", rules::add_slips},
    Rule<PlanView>{"not-read-at-boot", rules::not_read_at_boot},
    Rule<PlanView>{"masks-file", rules::masks_file},
    Rule<PlanView>{"module-late", rules::module_late},
    Rule<PlanView>{"later-writer", rules::later_writer},
    Rule<PlanView>{"possible-writer", rules::possible_writer},
    Rule<PlanView>{"no-loader", rules::no_loader},
    Rule<PlanView>{"reuse-without-timestamps", rules::reuse_without_timestamps},
    Rule<PlanView>{"reuse-not-loopback", rules::reuse_not_loopback_here},
    Rule<PlanView>{"fin-timeout-trap", rules::fin_timeout_trap},
    Rule<PlanView>{"not-time-wait", rules::not_time_wait},
    Rule<PlanView>{"buckets-low", rules::buckets_low},
    Rule<PlanView>{"ports-privileged", rules::ports_privileged},
    Rule<PlanView>{"ports-in-use", rules::ports_in_use},
    Rule<PlanView>{"ports-service", rules::ports_service},
    Rule<PlanView>{"ports-none", rules::ports_none},
    Rule<PlanView>{"ports-shrink", rules::ports_shrink},
    Rule<PlanView>{"backlog-inert", rules::backlog_inert},
    Rule<PlanView>{"somaxconn-lower", rules::somaxconn_lower},
    Rule<PlanView>{"protection-lower", rules::protection_lower},
    Rule<PlanView>{"unwise-value", rules::unwise_value},
    Rule<PlanView>{"other-namespaces", rules::other_namespaces},
    Rule<PlanView>{"timer-dies-with-container", rules::timer_dies_with_container},
    Rule<PlanView>{"out-of-range", rules::out_of_range, Os::windows},
    Rule<PlanView>{"time-wait-short", rules::time_wait_short, Os::windows},
    Rule<PlanView>{"wrong-type", rules::wrong_type, Os::windows},
    Rule<PlanView>{"obsolete-value", rules::obsolete_value, Os::windows},
    Rule<PlanView>{"without-effect", rules::without_effect, Os::windows},
    Rule<PlanView>{"hexadecimal", rules::hexadecimal, Os::windows},
    Rule<PlanView>{"restart-needed", rules::restart_needed, Os::windows},
    Rule<PlanView>{"container", rules::container, Os::windows},
};

bool is_live_write_of_one_namespace(const PlannedSetting& planned) {
  return planned.setting->reach == Reach::per_namespace && planned.write_in(Layer::live) != nullptr;
}

}  // namespace

std::vector<Layer> PlanView::layers() const {
  std::vector<Layer> layers;
  if (scope != Scope::boot) layers.push_back(Layer::live);
  if (scope != Scope::live) layers.push_back(Layer::boot);
  return layers;
}

const PlannedSetting* PlanView::planned(std::string_view key) const {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const PlannedSetting& one) { return one.setting->key == key && !one.skipped; });
  return found == settings.end() ? nullptr : &*found;
}

std::optional<Value> PlanView::before(Layer layer, std::string_view key) const {
  const Setting& setting = *find_setting(key);
  if (layer == Layer::live) return live_value(setting, host.snapshot).in_force();
  if (const PlannedSetting* one = planned(key)) return one->boot;
  return why_unavailable(setting, host.snapshot) ? std::nullopt : boot_state(setting, host).value;
}

std::optional<Value> PlanView::written(Layer layer, std::string_view key) const {
  const PlannedSetting* one = planned(key);
  const Write* write = one == nullptr ? nullptr : one->write_in(layer);
  return write == nullptr ? std::nullopt : write->after;
}

std::optional<Value> PlanView::after(Layer layer, std::string_view key) const {
  const PlannedSetting* one = planned(key);
  const Write* write = one == nullptr ? nullptr : one->write_in(layer);
  if (write == nullptr) return before(layer, key);
  if (write->after || layer == Layer::live) return write->after;
  return boot_state_with(*one->setting, host, {.file = host.file, .value = std::nullopt}).value;
}

std::optional<Value> PlanView::wished(Layer layer, std::string_view key) const {
  const PlannedSetting* one = planned(key);
  std::optional<Value> value = after(layer, key);
  return one != nullptr && value && satisfied(*one->setting, one->entry.wanted, value) ? value : std::nullopt;
}

std::span<const Rule<PlanView>> plan_rules() { return kPlanRules; }

Findings find_hazards(const PlanView& plan) { return run_rules(plan_rules(), plan, plan.facts().os); }

bool needs_other_namespaces(std::span<const PlannedSetting> settings) {
  return std::any_of(settings.begin(), settings.end(), is_live_write_of_one_namespace);
}

}  // namespace twctl
