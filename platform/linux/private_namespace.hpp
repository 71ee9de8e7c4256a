// A network namespace for this process alone, with a user namespace around it where the rights ask for one. Nothing is
// named: it is gone with the last process in it.
#pragma once

#include "base/result.hpp"

namespace twctl {

// From now on this process is in them, with every right inside. It must have one thread.
// Error: unsupported (this kernel has none, or their number is used up), denied (a policy forbids them).
[[nodiscard]] Result<void> enter_private_namespace();

// One more network namespace, of a process that is in a private one already.
[[nodiscard]] Result<void> enter_second_namespace();

}  // namespace twctl
