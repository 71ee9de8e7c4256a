#include "report/profile_text.hpp"

#include <algorithm>

#include "base/cells.hpp"
#include "base/escape.hpp"

namespace twctl {

std::string profile_list_text(std::span<const ProfileListing> profiles, const Screen& screen) {
  std::size_t width = 0;
  for (const ProfileListing& profile : profiles) width = std::max(width, cells_of(escape(profile.name)));
  std::string text;
  for (const ProfileListing& profile : profiles) {
    const std::string name = padded(escape(profile.name), width + 2);
    std::string about = escape(profile.summary);
    if (!profile.problem.empty()) about = "cannot be used: " + profile.problem;
    const std::string lines = wrapped(about + " (" + escape(profile.origin) + ")", screen.columns, name);
    const Ink ink = profile.problem.empty() ? Ink::strong : Ink::danger;
    text += inked(screen, ink, name) + lines.substr(name.size());
  }
  return text;
}

std::string profile_text(const Profile& profile) {
  std::string text = to_ini(profile);
  if (!profile.notes.empty()) text += "\n";
  for (const std::string& note : profile.notes) text += "; note: " + note + "\n";
  return text;
}

}  // namespace twctl
