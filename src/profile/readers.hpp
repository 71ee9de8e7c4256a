// One reader for each kind of profile text; read_profile_text() chooses. Private to this folder.
#pragma once

#include <string_view>

#include "profile/profile.hpp"

namespace twctl {

// Our own kind: strict, the first error ends it.
[[nodiscard]] Result<Profile> read_ini_profile(std::string_view path, std::string_view bytes);

// The others: what their own loader passes over or takes otherwise than it looks becomes a note, never an error.
// Error of the first: invalid, for more than kProfileEntries lines about settings of ours.
[[nodiscard]] Result<Profile> read_sysctl_profile(std::string_view path, std::string_view bytes);
[[nodiscard]] Profile read_tuned_profile(std::string_view path, std::string_view bytes);
[[nodiscard]] Profile read_reg_profile(std::string_view path, std::string_view bytes);

}  // namespace twctl
