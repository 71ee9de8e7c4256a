// Kubernetes' safe list, as far as it is about settings of ours: every other setting of a pod the kubelet has to allow.
// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
#pragma once

#include <array>
#include <string_view>

#include "base/text.hpp"
#include "catalog/keys.hpp"

namespace twctl {

[[nodiscard]] inline bool is_safe_in_pods(std::string_view key) {
  constexpr std::array kSafe{keys::kPortRange,  keys::kSyncookies,    keys::kPrivilegedEnd,     keys::kReservedPorts,
                             keys::kFinTimeout, keys::kKeepaliveTime, keys::kKeepaliveInterval, keys::kKeepaliveProbes};
  return is_one_of(key, kSafe);
}

}  // namespace twctl
