// --accept ID and ID:KEY: which hazards of a plan the user has accepted. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "catalog/finding.hpp"

namespace twctl {

// Error: usage, for a hazard or a key that nobody knows, with the nearest one. One that this plan does not have is
// fine: the same command line serves many hosts.
[[nodiscard]] Result<void> check_accepts(std::span<const std::string> accepts);

[[nodiscard]] bool is_accepted(const Finding& hazard, std::span<const std::string> accepts);

// What --accept takes for that hazard: "ID:KEY", or "ID" with key "".
[[nodiscard]] std::string accept_text(std::string_view id, std::string_view key);

}  // namespace twctl
