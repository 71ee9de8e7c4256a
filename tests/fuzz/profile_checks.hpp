// What holds for every profile text, good or bad. A broken promise aborts, which is how a fuzzer and the replay see it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/cells.hpp"
#include "profile/profile.hpp"
#include "profile/readers.hpp"

namespace twctl::fuzz {

inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

using twctl::is_printable;

inline int lines_in(std::string_view bytes) {
  int lines = 1;
  for (const char c : bytes) lines += c == '\n' ? 1 : 0;
  return lines;
}

inline void check_error(const Error& error, std::string_view bytes) {
  require(error.code == ErrorCode::invalid, "an error is of the code `invalid`");
  require(!error.message.empty() && is_printable(error.message), "an error's message is printable");
  require(is_printable(error.hint), "an error's hint is printable");
  require(error.where.line >= 0 && error.where.line <= lines_in(bytes), "an error's line is in the file");
  const auto end = static_cast<int>(error.excerpt.size()) + 1;
  require(error.column >= 0 && error.column <= end, "an error's column is in its line");
}

inline void check_profile(const Profile& profile, std::string_view bytes) {
  for (const std::string& note : profile.notes) require(is_printable(note), "a note is printable");
  for (const Entry& entry : profile.entries) {
    require(entry.setting != nullptr && entry.setting->writable, "an entry has a writable setting");
    require(entry.where.line > 0 && entry.where.line <= lines_in(bytes), "an entry's line is in the file");
  }
}

// What to_ini() prints reads back to the same wishes, reasons, summary and parent.
inline void check_round_trip(const Profile& profile) {
  if (profile.entries.empty() && profile.parent.empty()) return;  // sets nothing: no profile of ours
  const std::string text = to_ini(profile);
  const Result<Profile> again = read_profile_text("again.ini", text);
  require(again.has_value(), "to_ini() prints a good profile");
  require(again->summary == profile.summary && again->parent == profile.parent, "summary and parent read back");
  require(to_ini(*again) == text, "to_ini() of what was read back is the same text");
  std::size_t same = 0;
  for (const Entry& entry : profile.entries) {
    for (Entry other : again->entries) {
      other.where = entry.where;
      same += other == entry ? 1 : 0;
    }
  }
  require(same == profile.entries.size() && same == again->entries.size(), "every entry reads back");
}

inline void check_text(std::string_view path, std::string_view bytes) {
  const Result<Profile> profile = read_profile_text(path, bytes);
  if (!profile) return check_error(profile.error(), bytes);
  check_profile(*profile, bytes);
  check_round_trip(*profile);
}

}  // namespace twctl::fuzz
