// A line of a sysctl file -> the settings of the catalogue that it is about. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/setting.hpp"
#include "formats/sysctl.hpp"

namespace twctl {

// Whether a key as a line writes it (dotted, perhaps a glob; '*' and '?' do not cross a dot) means `key`.
[[nodiscard]] bool key_matches(std::string_view glob_or_key, std::string_view key);

// Whether the line sets `key`, or keeps globs off it, as `loader` takes it: procps expands no braces and takes an
// exclusion by its spelling (as of 4.0.2; later ones let an exclusion have wildcards).
[[nodiscard]] bool concerns(const Assignment& assignment, std::string_view key, Loader loader);

// Whether the line sets this very key, not through a pattern.
[[nodiscard]] bool assigns(const Assignment& assignment, std::string_view key);

// What a glob that matches `key` expands to: the key, with odd separators where the pattern has them.
[[nodiscard]] std::string glob_result(const Assignment& assignment, std::string_view key);

// What the line sets, or keeps globs off, as `loader` takes it; in the order of the keys' names, in which both loaders
// write what a glob comes to (glob(3) sorts them, and so does the kernel's directory). Empty: none of ours.
[[nodiscard]] std::vector<const Setting*> settings_about(const Assignment& assignment, Loader loader);

// How many lines are about settings of ours.
[[nodiscard]] std::size_t lines_about_settings(const AssignmentFile& file, Loader loader);

// The setting that a line means, however badly it is written: the longest key of ours that stands in it as a word, in
// either spelling and either case. nullptr: none.
[[nodiscard]] const Setting* setting_meant_by(std::string_view line);

// The key of a second assignment that stands behind the value, which may begin with the line's own '=', as where a line
// break was lost: "1 net.core.somaxconn=2", "30;x=1". No loader applies it. "": there is none, or it is in a comment.
[[nodiscard]] std::string_view second_key(std::string_view value);

// As setting_meant_by() for a line that the loader passes over: by what stands before the first '='.
[[nodiscard]] const Setting* setting_meant_by(const BadLine& bad);

}  // namespace twctl
