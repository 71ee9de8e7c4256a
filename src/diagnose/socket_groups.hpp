// The ways to sort sockets into groups, each a reading of the source of its own.
#pragma once

#include "diagnose/socket_summary.hpp"

namespace twctl {

// Each fills `counts`, `groups` (in no order), `other` and what it has to say of processes. Error: as dump().
[[nodiscard]] Result<void> group_by_peer(SocketSource& sockets, SocketSummary& summary);
[[nodiscard]] Result<void> group_by_port(SocketSource& sockets, SocketSummary& summary);
[[nodiscard]] Result<void> group_by_process(SocketSource& sockets, SocketSummary& summary);

}  // namespace twctl
