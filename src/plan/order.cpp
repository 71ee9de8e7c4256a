// Which write comes first: see write_order() in plan.hpp.
#include <algorithm>

#include "catalog/keys.hpp"
#include "plan/plan.hpp"
#include "rules/availability.hpp"

namespace twctl {
namespace {

// Where the port range starts before the plan's writes: at boot that is the kernel's own default.
std::int64_t range_start(const Plan& plan, Layer layer) {
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.setting->key != keys::kPortRange) continue;
    const std::optional<Value> now = layer == Layer::live ? planned.live : kernel_default(*planned.setting, plan.host);
    if (const auto ends = as_pair(now.value_or(""))) return ends->first;
  }
  return 32768;
}

// Writes of a lower rank come first. At every moment ip_unprivileged_port_start must not be above the range's start,
// so it goes before the range where the old range allows its new value, and after it otherwise. The rest is comfort:
// ports are reserved before the range grows over them, timestamps are on before tcp_tw_reuse needs them, and
// tcp_tw_recycle is off before they would let it act.
int rank(const PlannedSetting& planned, const Write& write, std::int64_t start) {
  if (planned.setting->key == keys::kTwRecycle) return -1;
  if (planned.setting->key == keys::kTwReuse) return 1;
  if (planned.setting->key == keys::kPortRange) return 2;
  if (planned.setting->key != keys::kPrivilegedEnd) return 0;
  return write.after && as_integer(*write.after).value_or(0) <= start ? 1 : 3;
}

// The profile's own reason, else the catalogue's summary.
std::string why(const PlannedSetting& setting) {
  const std::string reason = to_text(setting.entry.reason);
  return reason.empty() ? std::string(setting.setting->summary) : reason;
}

}  // namespace

std::vector<const PlannedSetting*> write_order(const Plan& plan, Layer layer) {
  const std::int64_t start = range_start(plan, layer);
  std::vector<std::pair<int, const PlannedSetting*>> ranked;
  for (const PlannedSetting& planned : plan.settings) {
    if (const Write* write = planned.write_in(layer)) ranked.emplace_back(rank(planned, *write, start), &planned);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const PlannedSetting*> order;
  for (const auto& [place, planned] : ranked) order.push_back(planned);
  return order;
}

std::vector<LineChange> boot_lines(const Plan& plan) {
  std::vector<LineChange> lines;
  for (const PlannedSetting* setting : write_order(plan, Layer::boot)) {
    lines.push_back({std::string(setting->setting->key), setting->write_in(Layer::boot)->after, why(*setting)});
  }
  return lines;
}

}  // namespace twctl
