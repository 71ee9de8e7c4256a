// Profiles -> one JSON document (docs/schema/profile.schema.json). Pure.
#pragma once

#include <span>
#include <string>

#include "profile/desired.hpp"

namespace twctl {

[[nodiscard]] std::string profile_list_json(std::span<const ProfileListing> profiles);
[[nodiscard]] std::string profile_json(const Profile& profile);

}  // namespace twctl
