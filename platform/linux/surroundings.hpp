// What around this process decides how long one that it leaves behind will live: process 1, and systemd's units.
#pragma once

#include "platform/deadline_timers.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// Whether this process is in the host's own pid namespace, and in no container's.
[[nodiscard]] bool in_initial_pid_namespace(HostFiles& files);

// Whether /proc, as `files` has it, is that of this process's own pid namespace.
[[nodiscard]] bool proc_is_of_own_namespace(HostFiles& files);

// `own_boot`: this is the running system's initial network namespace, which systemd's units act in.
[[nodiscard]] DeadlineTimers::Surroundings find_surroundings(HostFiles& files, bool own_boot);

}  // namespace twctl
