// A profile's name or path -> the profile alone, from the first place that has it. Which files others could
// have changed is told, and refused by the caller. Reads through HostFiles only.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/host_files.hpp"
#include "profile/profile.hpp"

namespace twctl {

// The built-in ones: name and INI text, compiled in from profiles/*.ini.
struct BuiltinProfile {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::span<const BuiltinProfile> builtin_profiles();

struct FoundProfile {
  Profile profile;  // `extends` not followed
  std::string text;
  std::string distrust;  // as in TrustedBytes
  std::string mend;
};

// Search order: --profile-dir, the administrator's, the package's, built in (docs/contract.md, "Profiles").
class ProfileSearch {
 public:
  ProfileSearch(std::string_view profile_dir, HostFiles& files);

  // Error: no_input, denied: the directory of --profile-dir is not there or cannot be read. It is asked before anything
  // is searched, so that no built-in profile stands in for one that was to be found there.
  [[nodiscard]] Result<void> check_directory();

  // Text that is_profile_name() is searched for, and never looked up in the current directory: a file lying there
  // must not stand in for a built-in profile. Everything else is a path; "-" is the standard input.
  // Error: no_input (none of that name, with the nearest one), invalid, denied.
  [[nodiscard]] Result<FoundProfile> find(const std::string& name_or_path);

  // Every name that find() knows, with where it lies, in search order; a name may be there more than once.
  struct Candidate {
    std::string name;
    std::string path;  // "" if it is built in
  };
  [[nodiscard]] std::vector<Candidate> candidates();

 private:
  Result<FoundProfile> read_file(const std::string& path, bool by_name = false);
  Result<FoundProfile> read_tuned(const std::string& path, TrustedBytes file);
  const Result<std::vector<std::string>>& listed(const std::string& directory);

  std::string profile_dir_;
  std::vector<std::string> directories_;
  HostFiles& files_;
  // Each is listed once, for all profiles that are looked for.
  std::map<std::string, Result<std::vector<std::string>>> listed_;
};

// "built-in/baseline.ini", as errors and plans name the place of a built-in profile's line.
[[nodiscard]] std::string builtin_path(std::string_view name);

}  // namespace twctl
