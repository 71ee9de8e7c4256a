// One reader for each kind of profile text; read_profile_text() chooses. Private to this folder.
#pragma once

#include <string_view>

#include "profile/profile.hpp"
#include "profile/written_key.hpp"

namespace twctl {

// Our own kind: strict, the first error ends it.
[[nodiscard]] Result<Profile> read_ini_profile(std::string_view path, std::string_view bytes);

// The others: what their own loader passes over or takes otherwise than it looks becomes a note, never an error.
// Error of the first: invalid, for more than kProfileEntries lines about settings of ours.
[[nodiscard]] Result<Profile> read_sysctl_profile(std::string_view path, std::string_view bytes);
[[nodiscard]] Profile read_tuned_profile(std::string_view path, std::string_view bytes);
[[nodiscard]] Profile read_reg_profile(std::string_view path, std::string_view bytes);

// "-net/ipv4/tcp_tw_reuse" -> the setting of that key and whether the '-' was there. nullptr: unknown.
struct WrittenKey {
  const Setting* setting = nullptr;
  bool optional = false;
};
[[nodiscard]] WrittenKey find_written_key(Os os, std::string_view written);

// "key: unknown setting; did you mean ...?", without a place.
[[nodiscard]] Error unknown_setting(Os os, std::string_view written);

// "key: known, but twctl never writes it", without a place; why not is the hint.
[[nodiscard]] Error never_written(const Setting& setting);

// "busy-client": letters, digits, '-' and '_', not beginning with '-'. Everything else is a path.
[[nodiscard]] bool is_profile_name(std::string_view text);

}  // namespace twctl
