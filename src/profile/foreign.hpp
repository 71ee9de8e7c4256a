// A profile of another tool's kind while it is being read: what its own loader would do becomes entries, the rest
// becomes notes. Never fails. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {

class ForeignProfile {
 public:
  ForeignProfile(std::string_view path, ProfileKind kind);

  // What follows stands in that file; at first in the profile's own.
  void go_on_in(std::string_view file) { file_ = file; }

  // `text` is printable. After many notes only their number grows.
  void note(int line, std::string_view text);
  void slip(std::string_view hazard, const Setting& setting, std::string text, int line);
  void adopt(const std::vector<LineNote>& notes);

  // The setting is wanted so, whatever an earlier line says: the last one wins, in every loader. A value outside what
  // we accept becomes a note.
  void want(const Setting& setting, Wanted wanted, int line);

  // As want(), for text that the loader hands to the kernel as it is. What the kernel refuses becomes a note.
  void written(const Setting& setting, std::string_view text, int line);

  // The line decides about the setting, but there is nothing in it for us: a note, and no wish of an earlier line.
  void refuse(const Setting& setting, std::string_view why, int line);

  // A key outside the catalogue. One that is nearly one of ours and no other key of a kernel is a slip: `near-miss`; an
  // old name of one of ours is `removed`.
  void leave_alone(std::string_view key, int line);
  void summarize(std::string_view summary);

  [[nodiscard]] Profile finish();

 private:
  void override_earlier(const Setting& setting, int line);

  Profile profile_;
  std::string file_;
  std::set<std::string, std::less<>> others_;  // keys outside the catalogue
  std::vector<LineNote> notes_;                // become the profile's at the end
  int notes_left_out_ = 0;
};

}  // namespace twctl
