// Path and bytes of a file -> what audit reads it as. Pure.
#pragma once

#include <string_view>

#include "profile/profile.hpp"

namespace twctl {

// Error: invalid, for what is none of the kinds that a profile may be of: YAML, JSON, a shell script, a program.
[[nodiscard]] Result<ProfileKind> audited_kind(std::string_view path, std::string_view bytes);

}  // namespace twctl
