// The text of one --set option -> an entry. Pure.
#pragma once

#include <string>
#include <string_view>

#include "profile/profile.hpp"

namespace twctl {

// How an entry or an error names the place of a --set option.
inline constexpr std::string_view kSetOption = "--set";

// "KEY=VALUE", where VALUE is an expression like a profile's, without comments. Error: invalid, with the text as its
// excerpt and the caret in it.
[[nodiscard]] Result<Entry> parse_set_option(Os os, std::string_view text);

}  // namespace twctl
