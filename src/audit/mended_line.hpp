// One line in the style of sysctl.conf without what keeps it from applying. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/audit_context.hpp"

namespace twctl {

// `line` (without its line end) mended, a comment on a line of its own above it; nullopt: it cannot be, or need not.
[[nodiscard]] std::optional<std::string> mended_line(std::string_view line, const AuditContext& context);

// A value as written, and the comment behind it: "# half" or "".
struct ValueAndComment {
  std::string_view value;
  std::string comment;
};
[[nodiscard]] ValueAndComment split_comment(std::string_view written);

// Whether anything stands behind the value, be it a remark or more of the value.
[[nodiscard]] bool has_more_behind(std::string_view written);

[[nodiscard]] std::string_view leading_blanks(std::string_view text);

}  // namespace twctl
