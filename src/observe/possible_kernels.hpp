// Facts of a host -> the kernels that it may have, where it is not known (a tree below --root), and what they may.
// Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "platform/host_facts.hpp"

namespace twctl {

// `facts` alone where the kernel is known. Else with the oldest and the newest of `installed` (those of
// installed_kernels()); without any, with the kernel that the distribution came with, or with a current one where it is
// not listed; where nothing says which one it is, or it is older than those listed, with the oldest that is in use
// (Linux 3.10) and with a current one.
[[nodiscard]] std::vector<HostFacts> possible_kernels(const HostFacts& facts, std::span<const std::string> installed);

// The last of them, which boots unless somebody chooses another one.
[[nodiscard]] HostFacts with_likely_kernel(const HostFacts& facts, std::span<const std::string> installed);

// Whether that kernel may have what came with mainline's `since`. One of unknown version is taken as a current one.
[[nodiscard]] bool may_have(KernelVersion since, const HostFacts& host);

}  // namespace twctl
