// Shell patterns over the paths below /proc/sys, as glob(3) reads them: a wildcard stays within one component. Pure.
#pragma once

#include <string_view>

namespace twctl {

[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view path);

// As glob_matches, after "{a,b}" has been expanded (GLOB_BRACE, as systemd asks for).
[[nodiscard]] bool glob_with_braces_matches(std::string_view pattern, std::string_view path);

}  // namespace twctl
