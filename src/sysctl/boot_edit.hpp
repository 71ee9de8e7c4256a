// Old bytes of a boot file x changed lines -> new bytes. Pure; the same input gives the same bytes, so that a
// second apply finds nothing to do.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/value.hpp"

namespace twctl {

struct LineChange {
  std::string key;
  std::optional<Value> value;  // nullopt: the line goes
  std::string why;             // one line for the comment above it, raw; only our own file has it
  friend bool operator==(const LineChange&, const LineChange&) = default;
};

// Any boot file that twctl may write, by its path. nullopt: the file is not there (before) or goes (after).
// Error: refused for our own file after somebody else's edit; invalid as check_sysctl_conf(), and for too large a file.
[[nodiscard]] Result<std::optional<std::string>> render_boot_file(std::string_view path,
                                                                  const std::optional<std::string>& before,
                                                                  std::span<const LineChange> changes);

// /etc/sysctl.d/60-twctl.conf as twctl writes it: a heading with a checksum of all that follows, then a comment and
// an assignment for each setting.
struct OwnLine {
  std::string key;
  std::string value;
  std::string why;  // printable, one line
  friend bool operator==(const OwnLine&, const OwnLine&) = default;
};

[[nodiscard]] std::string print_own_file(std::span<const OwnLine> lines);

// Error: refused, with what to do, if a single byte is not as we wrote it.
[[nodiscard]] Result<std::vector<OwnLine>> parse_own_file(std::string_view bytes);

// nullopt: the file is not there (before), or goes because no line is left (after).
[[nodiscard]] Result<std::optional<std::string>> render_own_file(const std::optional<std::string>& before,
                                                                 std::span<const LineChange> changes);

// /etc/sysctl.conf, edited losslessly: the value of the line in force is replaced where it stands, a missing key is
// appended under one heading, every other byte stays (comments, order, blanks, CRLF, a missing last newline).
//
// nullopt before: the file is not there, and is made. A change without a value takes every line of its key out.
// Error: as check_sysctl_conf().
[[nodiscard]] Result<std::optional<std::string>> edit_sysctl_conf(const std::optional<std::string>& before,
                                                                  std::span<const LineChange> changes);

// What the two loaders cut into lines differently cannot be edited for both. Error: invalid, for a carriage return that
// ends a line alone, and for NUL.
[[nodiscard]] Result<void> check_sysctl_conf(std::string_view text);

// `theirs`, which somebody else has made of `base`, with what leads from `base` to `ours`: each line in its place and
// to the byte. A line that both have changed is as they left it. Where both have added lines in one place, theirs come
// last, so that they win. Error: refused where it cannot be told what is whose; as check_sysctl_conf().
[[nodiscard]] Result<std::string> merge_sysctl_conf(std::string_view base, std::string_view ours,
                                                    std::string_view theirs);

}  // namespace twctl
