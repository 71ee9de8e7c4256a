// Profile names, paths and --set options -> Desired: one wish a key, parents merged in, disagreement refused.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/host_files.hpp"
#include "profile/profile.hpp"

namespace twctl {

struct Desired {
  std::vector<Entry> entries;      // in the catalogue's order, one a key, of one operating system
  std::vector<std::string> names;  // of the profiles, as asked for
  std::vector<std::string> notes;
  int out_of_scope = 0;  // keys of profiles of foreign kinds that the catalogue does not know
  std::vector<Slip> slips;
  std::vector<std::string> distrusted;  // files that somebody else could have changed: plan warns, apply refuses
  std::string mend;                     // the command that mends the first of them
};

struct ProfileRequest {
  std::vector<std::string> profiles;     // names or paths
  std::vector<std::string> assignments;  // --set KEY=VALUE; VALUE is an expression like a profile's
  std::string profile_dir;               // --profile-dir; "" for none
  Os os = Os::linux_kernel;              // of the host that is planned for
};

// Error: no_input (no such profile, with the nearest name), invalid, denied.
[[nodiscard]] Result<Desired> resolve_desired(const ProfileRequest& request, HostFiles& files);

// One profile with its parents merged in, as `profile show` prints it.
[[nodiscard]] Result<Profile> load_profile(const std::string& name_or_path, const std::string& profile_dir,
                                           HostFiles& files);

// As the files have it; `problem` is printable.
struct ProfileListing {
  std::string name;
  std::string origin;  // "built in", or the file
  std::string summary;
  std::string problem;  // why it cannot be used; "" if it can
};
inline constexpr std::size_t kMostProfiles = 1000;  // of a list: each is read
// Error: as of load_profile(), of the directory alone; invalid for more than kMostProfiles.
[[nodiscard]] Result<std::vector<ProfileListing>> list_profiles(const std::string& profile_dir, HostFiles& files);

}  // namespace twctl
