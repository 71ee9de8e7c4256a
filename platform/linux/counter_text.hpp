// The kernel's counter files -> counters by name. Pure; checks all that it is given.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "platform/socket_source.hpp"

namespace twctl {

// /proc/net/netstat and /proc/net/snmp: a line of names, then one of values ("TcpExt: SyncookiesSent ..."); the names
// become "TcpExt.SyncookiesSent". Error: the two lines do not fit each other.
[[nodiscard]] tl::expected<void, std::string> take_paired_counters(std::string_view text, Counters& counters);

// /proc/net/sockstat and sockstat6: "TCP: inuse 4 orphan 0 tw 2" becomes "sockstat.TCP.inuse" and so on.
[[nodiscard]] tl::expected<void, std::string> take_sockstat(std::string_view text, Counters& counters);

// /proc/net/stat/nf_conntrack: a line of names, then one of hexadecimal values for each processor. They become sums,
// "conntrack.drop"; "entries", the same on every line, is taken once.
[[nodiscard]] tl::expected<void, std::string> take_conntrack(std::string_view text, Counters& counters);

}  // namespace twctl
