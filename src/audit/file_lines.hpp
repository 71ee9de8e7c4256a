// A file's text of any kind + the kernel it is for -> each assignment of a setting that we know, judged. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "formats/sysctl.hpp"
#include "rules/audit_context.hpp"
#include "rules/audit_rules.hpp"

namespace twctl {

inline constexpr std::size_t kAuditLimit = std::size_t{2} * 1024 * 1024;  // bytes of a file

struct AuditedSysctl {
  std::vector<AuditedLine> lines;  // in the order of the file
  AssignmentFile procps;           // the whole of it, as each loader reads it
  AssignmentFile systemd;
};

// Error, here and below: invalid, for more than kProfileEntries lines about settings of ours.
[[nodiscard]] Result<void> check_entries(std::string_view path, std::size_t lines);

// Of a file in the style of sysctl.conf.
[[nodiscard]] Result<AuditedSysctl> judge_sysctl_file(std::string_view path, std::string_view bytes,
                                                      const AuditContext& context);

struct AuditedTuned {
  // What of the file only TuneD can tell: the line and, printable, why.
  struct LeftOpen {
    int line;
    std::string why;
  };
  std::vector<AuditedLine> lines;
  std::vector<Assignment> assignments;  // every option of [sysctl] that is a key, as a loader of sysctl.conf has it
  std::vector<BadLine> bad_lines;       // for one of these TuneD refuses the whole file: `lines` is empty then
  std::vector<LeftOpen> left_open;
};
[[nodiscard]] Result<AuditedTuned> judge_tuned_file(std::string_view path, std::string_view bytes,
                                                    const AuditContext& context);

[[nodiscard]] Result<AuditedRegistry> judge_reg_file(std::string_view path, std::string_view bytes,
                                                     const AuditContext& context);

// Our own kind. Error: invalid, as read_profile_text().
[[nodiscard]] Result<std::vector<AuditedLine>> judge_ini_file(std::string_view path, std::string_view bytes,
                                                              const AuditContext& context);

// The last line of a setting that is taken has the last word.
void mark_overridden(std::vector<AuditedLine>& lines);

}  // namespace twctl
