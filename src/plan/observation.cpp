// What a plan has to know of the host: see what_to_observe() in plan.hpp.
#include <algorithm>
#include <array>

#include "plan/plan.hpp"

namespace twctl {
namespace {

// A hazard of `asked` looks at `also`.
struct Pair {
  std::string_view asked;
  std::string_view also;
};
constexpr std::array kPairs{
    Pair{"net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_timestamps"},
    Pair{"net.ipv4.tcp_timestamps", "net.ipv4.tcp_tw_reuse"},
    Pair{"net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_syncookies"},
    Pair{"net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"},
    Pair{"net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"},
    Pair{"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range"},
};

void add(std::vector<const Setting*>& all, const Setting* setting) {
  if (setting != nullptr && std::find(all.begin(), all.end(), setting) == all.end()) all.push_back(setting);
}

// A key that may be gone is looked at even if nobody asks for it: a boot file may still name it.
void add_removed(std::vector<const Setting*>& all) {
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.removed != KernelVersion{}) add(all, &setting);
  }
}

// What old guides have left there, whoever asks for what.
void add_registry(ObserveRequest& request) {
  for (const Setting& setting : settings(Os::windows)) add(request.settings, &setting);
  request.strays = true;
}

bool is_for_windows(const Entry& entry) { return entry.setting->os == Os::windows; }

bool writes_live_for_one_namespace(const PlannedSetting& planned) {
  if (planned.setting->reach != Reach::per_namespace) return false;
  return std::any_of(planned.writes.begin(), planned.writes.end(),
                     [](const Write& write) { return write.layer == Layer::live; });
}

}  // namespace

ObserveRequest what_to_observe(const Desired& desired) {
  ObserveRequest request;
  for (const Entry& entry : desired.entries) {
    add(request.settings, entry.setting);
    for (const auto& [asked, also] : kPairs) {
      if (entry.setting->key == asked) add(request.settings, find_setting(Os::linux_kernel, also));
    }
    request.tcp_hash_entries |= entry.setting->key == "net.ipv4.tcp_max_tw_buckets";
    request.listening_ports |= entry.setting->key == "net.ipv4.ip_local_port_range";
  }
  const bool windows = std::any_of(desired.entries.begin(), desired.entries.end(), is_for_windows);
  if (windows) add_registry(request);
  if (!windows) add_removed(request.settings);
  return request;
}

bool needs_other_namespaces(const Plan& plan) {
  return std::any_of(plan.settings.begin(), plan.settings.end(), writes_live_for_one_namespace);
}

}  // namespace twctl
