// Journal x this boot -> the settings that wait for a restart: what the system took when it started is not what was
// left in them. Pure.
#pragma once

#include <string>
#include <vector>

#include "apply/change.hpp"

namespace twctl {

// Keys, in the order in which they were first changed. What a boot took is what its first change found. Where a boot
// has no identity, a change counts as of this one: rather one restart too many.
[[nodiscard]] std::vector<std::string> awaiting_restart(const std::vector<Change>& journal, const std::string& boot_id);

}  // namespace twctl
