// A text and edits of its lines -> a unified diff, as patch(1) reads it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

struct LineEdit {
  int line = 0;                     // from 1; ascending
  std::optional<std::string> text;  // without line end, perhaps several lines; nullopt: the line goes
};

// "" without edits. `path` names the file on both sides; one that patch would misread is written in quotes.
[[nodiscard]] std::string unified_diff(std::string_view path, std::string_view before,
                                       const std::vector<LineEdit>& edits);

}  // namespace twctl
