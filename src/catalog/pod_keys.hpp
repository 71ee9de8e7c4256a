// Kubernetes' safe list, as far as it is about settings of ours: every other setting of a pod the kubelet has to allow.
// https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
#pragma once

#include <array>

#include "catalog/keys.hpp"

namespace twctl {

inline constexpr std::array kSafeInPods{keys::kPortRange,         keys::kSyncookies,     keys::kPrivilegedEnd,
                                        keys::kReservedPorts,     keys::kFinTimeout,     keys::kKeepaliveTime,
                                        keys::kKeepaliveInterval, keys::kKeepaliveProbes};

}  // namespace twctl
