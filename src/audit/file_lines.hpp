// A file's text + the kernel it is for -> each assignment of a setting that we know, judged. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "audit/context.hpp"
#include "audit/judged_line.hpp"
#include "formats/sysctl.hpp"

namespace twctl {

inline constexpr std::size_t kAuditLimit = std::size_t{2} * 1024 * 1024;  // bytes of a file
inline constexpr int kAuditLines = 20000;                                 // a dump of every setting has some 1500

struct JudgedFile {
  std::vector<JudgedLine> lines;  // in the order of the file
  AssignmentFile procps;          // the whole of it, as each loader reads it
  AssignmentFile systemd;
};

// Of a file in the style of sysctl.conf.
// Error: invalid, for more than kAuditLines lines or kProfileEntries about settings of ours.
[[nodiscard]] Result<JudgedFile> judge_sysctl_file(std::string_view path, std::string_view bytes,
                                                   const AuditContext& context);

// How many lines are about settings of ours.
[[nodiscard]] std::size_t lines_about_settings(const AssignmentFile& file, Loader loader);

// What the kernel lacks, no line sets.
void mark_not_there(std::vector<JudgedLine>& lines, const Unavailable& why);

}  // namespace twctl
