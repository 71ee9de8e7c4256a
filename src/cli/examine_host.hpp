// What doctor looks at, of the host that the command line names. The counters are watched for as long as it says, with
// the progress shown on a terminal.
#pragma once

#include "cli/command.hpp"
#include "diagnose/examination.hpp"

namespace twctl {

// Error: as examine(); unsupported (Windows).
[[nodiscard]] Result<Examination> examine_host(const Session& session, Platform& host);

// One of several at a time, from whatever thread: without progress, and without a word on the others.
[[nodiscard]] Result<Examination> examine_one_of_all(const Session& session, Platform& host);

// Whether there are sockets to look at: of a captured tree only where their tables were captured too.
[[nodiscard]] bool has_sockets(Platform& host, const HostFacts& facts);

}  // namespace twctl
