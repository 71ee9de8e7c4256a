// --accept ID and ID:KEY: which hazards of a plan the user has accepted. Pure.
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "catalog/finding.hpp"

namespace twctl {

// Error: usage, for a hazard or a key that nobody knows, with the nearest one. One that this plan does not have is
// fine: the same command line serves many hosts.
[[nodiscard]] Result<void> check_accepts(std::span<const std::string> accepts);

[[nodiscard]] bool is_accepted(const Finding& hazard, std::span<const std::string> accepts);

}  // namespace twctl
