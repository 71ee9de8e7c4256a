// Profiles -> what people read: a table of all, one as INI. Pure.
#pragma once

#include <span>
#include <string>

#include "profile/desired.hpp"
#include "report/layout.hpp"

namespace twctl {

// One line a profile: name, summary, where it comes from; and what is wrong with one that cannot be used.
[[nodiscard]] std::string profile_list_text(std::span<const ProfileListing> profiles, const Screen& screen);

// to_ini(), and below it as comments what of the profile is not in that.
[[nodiscard]] std::string profile_text(const Profile& profile);

}  // namespace twctl
