// A line of a sysctl file -> the settings of the catalogue that it is about. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/setting.hpp"
#include "sysctl/assignments.hpp"

namespace twctl {

// What the line sets, or keeps globs off, as `loader` takes it; in the order of the keys' names, in which both loaders
// write what a glob comes to (glob(3) sorts them, and so does the kernel's directory). Empty: none of ours.
[[nodiscard]] std::vector<const Setting*> settings_about(const Assignment& assignment, Loader loader);

// The setting that a line means, however badly it is written: the longest key of ours that stands in it as a word, in
// either spelling and either case. nullptr: none.
[[nodiscard]] const Setting* setting_meant_by(std::string_view line);

// As setting_meant_by() for a line that the loader passes over: by what stands before the first '='.
[[nodiscard]] const Setting* setting_meant_by(const BadLine& bad);

}  // namespace twctl
