// Files of other kinds than sysctl.conf -> each assignment of a setting that we know, judged, and what the kind's own
// rules find. Pure.
#pragma once

#include "audit/rules.hpp"

namespace twctl {

struct OtherFile {
  std::vector<JudgedLine> lines;
  Findings findings;
};

[[nodiscard]] OtherFile judge_tuned_file(std::string_view path, std::string_view bytes, const AuditContext& context);
[[nodiscard]] OtherFile judge_reg_file(std::string_view path, std::string_view bytes, const AuditContext& context);

// Our own kind. Error: invalid, as read_profile_text().
[[nodiscard]] Result<OtherFile> judge_ini_file(std::string_view path, std::string_view bytes,
                                               const AuditContext& context);

// The last line of a setting that is taken has the last word.
void settle(std::vector<JudgedLine>& lines);

}  // namespace twctl
