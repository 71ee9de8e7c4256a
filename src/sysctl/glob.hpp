// Shell patterns over the paths below /proc/sys, as glob(3) reads them: a wildcard stays within one component. What is
// over a limit matches nothing: check_boot_limits() has refused it. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace twctl {

inline constexpr std::size_t kLongestPattern = 4096;    // bytes (PATH_MAX): glob(3) finds nothing by a longer one
inline constexpr std::size_t kMostAlternatives = 1000;  // of braces, so that a hostile file cannot keep us busy

[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view path);

// As glob_matches, after "{a,b}" has been expanded (GLOB_BRACE, as systemd asks for).
[[nodiscard]] bool glob_with_braces_matches(std::string_view pattern, std::string_view path);

// How many patterns its braces are expanded to, one pair of them at a time; no more than `most` + 1 are counted.
[[nodiscard]] std::size_t brace_alternatives(std::string_view pattern, std::size_t most);

}  // namespace twctl
