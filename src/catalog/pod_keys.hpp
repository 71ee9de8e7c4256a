// Kubernetes' safe list, as far as it is about settings of ours: every other setting of a pod the kubelet has to allow.
// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "catalog/keys.hpp"

namespace twctl {

struct SafePodKey {
  std::string_view key;
  std::string_view since;  // the release of Kubernetes; "": as long as pods have had settings
};

// nullptr: it is not on the list.
[[nodiscard]] inline const SafePodKey* find_safe_in_pods(std::string_view key) {
  static constexpr std::array<SafePodKey, 8> kSafe{{{keys::kPortRange, ""},
                                                    {keys::kSyncookies, ""},
                                                    {keys::kPrivilegedEnd, "1.22"},
                                                    {keys::kReservedPorts, "1.27"},
                                                    {keys::kFinTimeout, "1.29"},
                                                    {keys::kKeepaliveTime, "1.29"},
                                                    {keys::kKeepaliveInterval, "1.29"},
                                                    {keys::kKeepaliveProbes, "1.29"}}};
  const auto* const row =
      std::find_if(kSafe.begin(), kSafe.end(), [&](const SafePodKey& one) { return one.key == key; });
  return row == kSafe.end() ? nullptr : row;
}

}  // namespace twctl
