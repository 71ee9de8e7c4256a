// The kernel's command line -> what its sysctl.KEY=VALUE parameters assign. Pure; never judges a value.
// Linux 5.8 and later write them themselves before the first process starts, so every boot file comes later
// (fs/proc/proc_sysctl.c, do_sysctl_args(); Documentation/admin-guide/kernel-parameters.txt, sysctl.*=).
#pragma once

#include <string_view>
#include <vector>

#include "catalog/setting.hpp"
#include "formats/sysctl.hpp"

namespace twctl {

// How such an assignment's place is named.
inline constexpr std::string_view kKernelCommandLine = "kernel command line";

inline constexpr KernelVersion kReadsSysctlParameters{5, 8, 0};

// In its order; keys in the dotted spelling, `line` 0. A bad line is a parameter that names a setting of ours without
// `sysctl.` in front: the kernel leaves it to init, which knows no such word.
[[nodiscard]] AssignmentFile read_command_line(std::string_view text);

}  // namespace twctl
