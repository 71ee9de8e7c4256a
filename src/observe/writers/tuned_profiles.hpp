// Profiles of TuneD with those that they include, as its own loader finds and merges them (tuned/profiles/locator.py,
// loader.py, merger.py). Reads through HostFiles only, never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/tuned.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// Of all together, as of all boot files; a name by which one is looked for counts as one. A long profile has 100.
inline constexpr std::size_t kMostTunedLines = 8000;
inline constexpr std::size_t kMostTunedBytes = std::size_t{4} * 1024 * 1024;

struct LoadedTuned {
  TunedProfile profile;  // each option with its file; empty where TuneD cannot load it
  std::string remark;    // printable: why it is empty, or what is not known of it; "" for nothing
  bool refused = false;  // TuneD cannot load it
  std::string too_long;  // "8000 lines": they have more, and are not read to the end; "" where they do not
};

// Each file once, an included one before the one that includes it, so that the latter wins. A profile may include one
// of its own name from a later directory. Where TuneD misses or refuses one of the files, it loads none of them
// (InvalidProfileException ends load()).
class TunedLoader {
 public:
  // `beside`: a directory of profiles to look into first; "" for none.
  explicit TunedLoader(HostFiles& files, std::string beside = {});

  void add(std::string_view name);                           // as in active_profile and include
  void add(const std::string& path, std::string_view text);  // a file that has been read

  [[nodiscard]] LoadedTuned loaded() const {
    return {refused_ ? TunedProfile{} : profile_, remark_, refused_, limit_passed()};
  }
  [[nodiscard]] const std::vector<std::string>& read_files() const { return done_; }

 private:
  [[nodiscard]] std::string limit_passed() const;  // "" for none
  [[nodiscard]] std::string find(std::string_view name);
  void refuse(std::string why);
  void doubt(std::string what);

  HostFiles& files_;
  std::vector<std::string> directories_;
  std::vector<std::string> done_;
  bool passed_ = false;  // find() has met a file that was read already
  TunedProfile profile_;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  bool refused_ = false;
  std::string remark_;
};

// A value or name with a variable or function in it.
[[nodiscard]] bool is_known_to_tuned_only(std::string_view text);

}  // namespace twctl
