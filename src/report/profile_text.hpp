// Profile listings -> a table. Pure.
#pragma once

#include <span>
#include <string>

#include "profile/desired.hpp"
#include "report/layout.hpp"

namespace twctl {

// One line a profile: name, summary, where it comes from; and what is wrong with one that cannot be used.
[[nodiscard]] std::string profile_list_text(std::span<const ProfileListing> profiles, const Screen& screen);

}  // namespace twctl
