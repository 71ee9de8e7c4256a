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
// Error: refused for our own file after somebody else's edit; invalid for lone CR line ends.
[[nodiscard]] Result<std::optional<std::string>> render_boot_file(std::string_view path,
                                                                  const std::optional<std::string>& before,
                                                                  std::span<const LineChange> changes);

}  // namespace twctl
