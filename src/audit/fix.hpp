// A sysctl file -> the same file with the lines mended that can be mended without a guess, as a unified diff. Pure;
// writes nothing.
#pragma once

#include <string>
#include <string_view>

#include "audit/file_lines.hpp"

namespace twctl {

// Lines of removed settings go. Of a line that has no effect goes what keeps it from applying: quotes, invisible
// characters, a comment behind the value, "sysctl -w". A line that would still not apply stays as it is, and every
// other byte does. "" if nothing changes. Error: as judge_sysctl_file().
[[nodiscard]] Result<std::string> fix_diff(std::string_view path, std::string_view bytes, const AuditContext& context);

// `line` (without its line end) mended; nullopt: it cannot be, or need not.
[[nodiscard]] std::optional<std::string> mended_line(std::string_view line, const AuditContext& context);

}  // namespace twctl
