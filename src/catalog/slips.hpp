// Keys that no kernel has, or none any more -> what they are meant for. Pure.
#pragma once

#include <string>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl {

// The setting that a key which nobody has is meant for: another case, other separators, the path left out or another
// one, a slip of the fingers. nullptr: none of ours.
[[nodiscard]] const Setting* slip_for(std::string_view key);

// Old names of the keys of connection tracking, which kernels before 4.9 could be built with beside those of today
// (CONFIG_NF_CONNTRACK_PROC_COMPAT).
inline constexpr KernelVersion kOldConntrackKeysEnd{4, 9, 0};
inline constexpr std::string_view kOldConntrackSource = "Linux commit adf0516845bcd0e626323c858ece28ee58c74455 (4.9)";
[[nodiscard]] bool is_old_conntrack_key(std::string_view key);
[[nodiscard]] bool has_old_conntrack_key(KernelVersion kernel, std::string_view key);  // {}: not known, a current one

// Whether a key that is none of ours is meant for one, by either.
[[nodiscard]] bool is_meant_for_ours(std::string_view key);

// Of an old one: the name today, and both as a clause.
[[nodiscard]] std::string conntrack_key_today(std::string_view key);
[[nodiscard]] std::string old_conntrack_text(std::string_view key);

}  // namespace twctl
