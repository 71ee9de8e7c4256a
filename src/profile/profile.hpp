// Profile text of any kind -> Profile: what it wants, each wish with its place. Pure: reads no file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"
#include "formats/text_lines.hpp"
#include "profile/wanted.hpp"

namespace twctl {

enum class ProfileKind { ini, sysctl_conf, tuned, reg };

// A profile's own comment on a wish, raw: "why. Source: who says so." Both "" if it has none.
struct Reason {
  std::string why;
  std::string source;  // "": not said
  friend bool operator==(const Reason&, const Reason&) = default;
};
[[nodiscard]] Reason reason_in(std::string_view comment);
[[nodiscard]] std::string to_text(const Reason& reason);  // the comment again, with one blank at each side of "Source:"

struct Entry {
  const Setting* setting = nullptr;  // never null in a Profile
  Wanted wanted;
  bool optional = false;  // leading '-': skip with a note where the host lacks the key
  Reason reason;
  Place where;
  friend bool operator==(const Entry&, const Entry&) = default;
};

// A line of a foreign kind that does not do what it was written for: a hazard of the plan.
struct Slip {
  std::string_view hazard;  // a row of catalog/finding.hpp
  const Setting* setting = nullptr;
  Place where;
  std::string text;  // printable
};

struct Profile {
  std::string name;  // "busy-client", or the path
  ProfileKind kind = ProfileKind::ini;
  std::string summary;
  std::string parent;   // `extends`; "" for none
  int parent_line = 0;  // where it says so
  std::vector<Entry> entries;
  std::vector<Slip> slips;
  int out_of_scope = 0;            // keys of a foreign kind that the catalogue does not know: left alone
  std::vector<std::string> notes;  // printable: what a loader reads otherwise than it looks, nothing in scope, ...
};

// The profile again as INI text, as `profile show` prints it. What it reads back to wants the same for the same
// reasons; only kind, places and notes are those of the new text.
[[nodiscard]] std::string to_ini(const Profile& profile);

}  // namespace twctl
