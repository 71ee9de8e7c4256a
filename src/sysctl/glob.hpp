// Shell patterns over the paths below /proc/sys, as glob(3) and fnmatch(3) read them. Pure.
#pragma once

#include <string_view>

namespace twctl {

enum class Slash {
  stops_wildcards,  // glob(3): '*', '?' and '[' stay within one component
  is_a_character,   // fnmatch(3) without FNM_PATHNAME: they match '/' too
};

[[nodiscard]] bool is_glob(std::string_view text);
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view path, Slash slash);

// As glob_matches with Slash::stops_wildcards, after "{a,b}" has been expanded (GLOB_BRACE, as systemd asks for).
[[nodiscard]] bool glob_with_braces_matches(std::string_view pattern, std::string_view path);

}  // namespace twctl
