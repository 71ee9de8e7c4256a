#include "plan/outlook.hpp"

#include "plan/presence.hpp"

namespace twctl {
namespace {

const Setting& row(const Outlook& outlook, std::string_view key) { return *find_setting(outlook.plan.host.os, key); }

std::optional<Value> live_now(const Outlook& outlook, std::string_view key) {
  const LiveValue& live = live_value(row(outlook, key), outlook.side.snapshot);
  return live.state == LiveValue::State::present ? std::optional(live.value) : std::nullopt;
}

std::optional<Value> boot_now(const Outlook& outlook, std::string_view key) {
  if (const PlannedSetting* planned = outlook.planned(key)) return planned->boot;
  const Setting& setting = row(outlook, key);
  return lack_of(setting, outlook.side.snapshot) ? std::nullopt : boot_state(setting, outlook.side).value;
}

}  // namespace

std::vector<Layer> Outlook::layers() const {
  switch (plan.scope) {
    case Scope::live:
      return {Layer::live};
    case Scope::boot:
      return {Layer::boot};
    case Scope::both:
      break;
  }
  return {Layer::live, Layer::boot};
}

const PlannedSetting* Outlook::planned(std::string_view key) const {
  for (const PlannedSetting& one : plan.settings) {
    if (one.setting->key == key && !one.skipped) return &one;
  }
  return nullptr;
}

std::optional<Value> Outlook::before(Layer layer, std::string_view key) const {
  return layer == Layer::live ? live_now(*this, key) : boot_now(*this, key);
}

std::optional<Value> Outlook::written(Layer layer, std::string_view key) const {
  const PlannedSetting* one = planned(key);
  if (one == nullptr) return std::nullopt;
  for (const Write& write : one->writes) {
    if (write.layer == layer) return write.after;
  }
  return std::nullopt;
}

std::optional<Value> Outlook::after(Layer layer, std::string_view key) const {
  std::optional<Value> value = written(layer, key);
  return value ? value : before(layer, key);
}

std::optional<Value> Outlook::wished(Layer layer, std::string_view key) const {
  const PlannedSetting* one = planned(key);
  std::optional<Value> value = after(layer, key);
  return one != nullptr && value && satisfied(*one->setting, one->entry.wanted, value) ? value : std::nullopt;
}

}  // namespace twctl
