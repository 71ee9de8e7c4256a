// Intent -> a committed change, or the host exactly as it was. The protocol of docs/journal-format.md, steps 2 to 8;
// an apply and a rollback both go through here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/carry_out.hpp"
#include "apply/change.hpp"
#include "base/result.hpp"
#include "platform/platform.hpp"

namespace twctl {

// The caller holds the lock, and no other change is unfinished.
// Error: denied, failed, refused (somebody else came first), interrupted: nothing has changed, or all is as before.
// Error partial: neither old nor new; the message lists every setting and file concerned.
[[nodiscard]] Result<Change> carry_through(Platform& host, Intent intent);

}  // namespace twctl
