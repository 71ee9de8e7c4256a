// Shell patterns over the paths below /proc/sys, as glob(3) reads them: a wildcard stays within one component. A
// pattern of over 4096 bytes matches nothing, and of one with braces the first 1000 alternatives are tried. Pure.
#pragma once

#include <string_view>

namespace twctl {

[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view path);

// As glob_matches, after "{a,b}" has been expanded (GLOB_BRACE, as systemd asks for).
[[nodiscard]] bool glob_with_braces_matches(std::string_view pattern, std::string_view path);

}  // namespace twctl
