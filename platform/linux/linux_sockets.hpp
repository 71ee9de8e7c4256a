// The socket source of Linux: sock_diag, else the tables of /proc/net, else the tables of a captured host.
#pragma once

#include <functional>
#include <memory>

#include "catalog/setting.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/root_files.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

// `source`: what lies at /proc below the root. `kernel`: decides how far sockstat can be believed; {} if unknown.
[[nodiscard]] std::unique_ptr<SocketSource> make_socket_source(const RootFiles& files, LiveSource source,
                                                               std::function<KernelVersion()> kernel);

// The states of a dump that left TIME_WAIT out, and sockstat's `tw` -> all states. `tw` counts the time-wait objects of
// the namespace, among them FIN_WAIT_2 sockets that nobody holds; the dump has told those apart.
[[nodiscard]] StateCounts with_time_wait(StateCounts counts, std::uint64_t fin_wait_2_objects, std::uint64_t tw);

// Before Linux 4.11 `tw` counted the objects of all namespaces together.
[[nodiscard]] bool counts_time_wait_per_namespace(KernelVersion kernel);

}  // namespace twctl
