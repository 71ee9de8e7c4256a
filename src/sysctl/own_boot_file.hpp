// /etc/sysctl.d/60-twctl.conf as twctl writes it: a heading with a checksum of all that follows, then a comment and
// an assignment for each setting. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sysctl/boot_edit.hpp"

namespace twctl {

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

}  // namespace twctl
