// The rules of audit: a file or a host, judged already -> findings. Pure. Each function finds what the ids beside it in
// rules.cpp name; what each means is its row in catalog/audit_findings.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/file_lines.hpp"
#include "audit/settled.hpp"
#include "catalog/finding.hpp"
#include "platform/setting_store.hpp"

namespace twctl {

// A finding of the row `id`, with the row's severity and advice. `evidence` is printable.
[[nodiscard]] Finding make_finding(std::string_view id, std::string_view key, Place where, std::string evidence);

// A file in the style of sysctl.conf.
struct SysctlFile {
  std::string path;
  std::string_view bytes;
  const AuditContext& context;
  const JudgedFile& judged;
};

namespace rules {

// rules_bytes.cpp: what the bytes of a text do to its lines.
void encoding(const SysctlFile& file, Findings& found);
[[nodiscard]] bool is_utf16(std::string_view bytes);

// rules_text.cpp: lines that are no assignment of a setting of ours.
void bad_lines(const SysctlFile& file, Findings& found);
void other_keys(const SysctlFile& file, Findings& found);
void myth_comments(const SysctlFile& file, Findings& found);
[[nodiscard]] bool is_dump(const SysctlFile& file);

// rules_lines.cpp: each assignment of a setting of ours.
void assignments(std::span<const JudgedLine> lines, Findings& found);
void repeated(std::span<const JudgedLine> lines, Findings& found);
void loaders_differ(std::span<const JudgedLine> lines, Findings& found);

// rules_values.cpp, rules_ports.cpp: what the values mean, alone and together.
void values(const Settled& settled, Findings& found);
void ports(const Settled& settled, Findings& found);

// rules_registry.cpp: what a registry value means to Windows of that build ({}: a current one), in a file and on a
// host.
void registry_number(const Setting& setting, const Value& value, const Place& where, KernelVersion build,
                     Findings& found);
void strays(const std::vector<StrayValue>& strays, Findings& found);

}  // namespace rules

// The ids that each kind of audit looks for, in the order in which they are reported as run.
[[nodiscard]] std::span<const std::string_view> checks_of_sysctl_files();
[[nodiscard]] std::span<const std::string_view> checks_of_values();
[[nodiscard]] std::span<const std::string_view> checks_of_hosts();
[[nodiscard]] std::span<const std::string_view> checks_of_tuned_files();
[[nodiscard]] std::span<const std::string_view> checks_of_reg_files();
[[nodiscard]] std::span<const std::string_view> checks_of_registries();

}  // namespace twctl
