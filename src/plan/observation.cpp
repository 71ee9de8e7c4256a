// What a plan has to know of the host: see what_to_observe() in plan.hpp.
#include <algorithm>
#include <array>

#include "catalog/keys.hpp"
#include "plan/plan.hpp"

namespace twctl {
namespace {

// A hazard of `asked` looks at `also`.
struct Pair {
  std::string_view asked;
  std::string_view also;
};
constexpr std::array kPairs{
    Pair{keys::kTwReuse, keys::kTimestamps},       Pair{keys::kTimestamps, keys::kTwReuse},
    Pair{keys::kMaxSynBacklog, keys::kSyncookies}, Pair{keys::kPortRange, keys::kReservedPorts},
    Pair{keys::kPortRange, keys::kPrivilegedEnd},  Pair{keys::kPrivilegedEnd, keys::kPortRange},
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

}  // namespace

ObserveRequest what_to_observe(const Desired& desired) {
  ObserveRequest request;
  for (const Entry& entry : desired.entries) {
    add(request.settings, entry.setting);
    for (const auto& [asked, also] : kPairs) {
      if (entry.setting->key == asked) add(request.settings, find_setting(Os::linux_kernel, also));
    }
    request.tcp_hash_entries |= entry.setting->key == keys::kMaxTwBuckets;
    request.listening_ports |= entry.setting->key == keys::kPortRange;
  }
  const bool windows = std::any_of(desired.entries.begin(), desired.entries.end(), is_for_windows);
  if (windows) add_registry(request);
  if (!windows) add_removed(request.settings);
  return request;
}

}  // namespace twctl
