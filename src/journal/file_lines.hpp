// The lines of a boot file that a change is about. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {

// What the file says of settings of the catalogue; of several lines for one the last. nullopt: there is no file.
[[nodiscard]] std::map<std::string, Value> lines_in(const std::optional<std::string>& bytes);

// Of a long text what can be asked of one that nobody is to write again: what lines_in() finds there, and whether
// another one, made as little, was the same. A short one as it is.
[[nodiscard]] std::optional<std::string> digest_of(std::optional<std::string> bytes);

// Whether a file holds what is recorded of it, which is the whole or that digest. A digest is never made of what is
// recorded: where the values of lines are long, so is a digest, and one of a digest is another.
[[nodiscard]] bool holds(const std::optional<std::string>& file, const std::optional<std::string>& recorded);

// The lines of our own file; none where there is no file, or where it is none that we wrote.
[[nodiscard]] std::vector<OwnLine> own_lines(const std::optional<std::string>& bytes);
[[nodiscard]] const OwnLine* line_of(const std::vector<OwnLine>& lines, std::string_view key);  // nullptr: none

// The lines for settings that the change of a file adds, changes and takes away.
[[nodiscard]] std::vector<SettingChange> changed_lines(const FileChange& file);

// `now` as if the change had not been made: as it was before it, byte for byte, if it still is as the change left it.
// Where somebody else has changed it since, what they wrote stays, and the change's lines go back that are as it left
// them, each in its place. Error: as render_boot_file(), as merge_sysctl_conf().
[[nodiscard]] Result<std::optional<std::string>> without_change(const FileChange& file,
                                                                const std::optional<std::string>& now);

}  // namespace twctl
