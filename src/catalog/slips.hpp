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
// (CONFIG_NF_CONNTRACK_PROC_COMPAT, taken out by commit adf0516845bcd0e626323c858ece28ee58c74455).
inline constexpr KernelVersion kOldConntrackKeysEnd{4, 9, 0};
[[nodiscard]] bool is_old_conntrack_key(std::string_view key);

// Of such a key: the name today, and both as a clause.
[[nodiscard]] std::string conntrack_key_today(std::string_view key);
[[nodiscard]] std::string old_conntrack_text(std::string_view key);

}  // namespace twctl
