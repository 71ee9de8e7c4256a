// What doctor judges by, of the host that the command line names: watching the counters for as long as it says, and
// showing how far it is to somebody who looks on.
#pragma once

#include "cli/command.hpp"
#include "diagnose/examination.hpp"

namespace twctl {

// Error: as examine(); unsupported (Windows).
[[nodiscard]] Result<Examination> examine_host(const Session& session, Platform& host);

}  // namespace twctl
