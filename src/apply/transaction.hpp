// Intent -> a committed or pending change, or the host exactly as it was. The protocol of docs/journal-format.md, steps
// 2 to 8; an apply and a rollback both go through here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/carry_out.hpp"
#include "base/result.hpp"
#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// The caller holds the lock, and no other change is unfinished.
// Error: denied, failed, refused (somebody else came first), interrupted: nothing has changed, or all is as before.
// Error partial: neither old nor new; the message lists every setting and file concerned.
[[nodiscard]] Result<Change> carry_through(Platform& host, Intent intent);

// Error partial: what of the change is not as it should be, one after the other.
[[nodiscard]] Error left_over(const Change& change, const Leftovers& leftovers);

// The decision that a pending change waits for. The same errors.
[[nodiscard]] Result<Change> commit_change(Platform& host, Change change);

}  // namespace twctl
