// A profile's name or path -> the profile with its parents merged in.
#pragma once

#include <string>
#include <vector>

#include "profile/profile_search.hpp"

namespace twctl {

struct MergedProfile {
  Profile profile;  // entries of all generations, a child's in place of its parent's; no `parent` any more
  std::vector<std::string> distrusted;
  std::string mend;  // of the first distrusted one
};

// Error: as ProfileSearch::find, and invalid where a parent is missing or the line of parents has no end.
[[nodiscard]] Result<MergedProfile> find_with_parents(ProfileSearch& search, const std::string& name_or_path);

}  // namespace twctl
