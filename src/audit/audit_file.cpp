#include <algorithm>
#include <array>

#include "audit/audit.hpp"
#include "audit/file_kind.hpp"
#include "audit/other_files.hpp"
#include "formats/reg.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 1> kOfComments{"ignore-invalid"};

void look_for(Audit& audit, std::span<const std::string_view> ids) {
  for (const std::string_view id : ids) {
    if (std::find(audit.checks.begin(), audit.checks.end(), id) == audit.checks.end()) audit.checks.push_back(id);
  }
}

// Everything in force in the file, by key.
Settled settled(const Audit& audit, const AuditContext& context) {
  Settled side{.context = context};
  for (const JudgedLine& line : audit.settings) {
    if (line.in_force() && line.setting->os == Os::linux_kernel)
      side.said[line.setting->key] = {*line.effective, line.where};
  }
  return side;
}

void judge_values(Audit& audit, const AuditContext& context) {
  const Settled side = settled(audit, context);
  rules::values(side, audit.findings);
  rules::ports(side, audit.findings);
  look_for(audit, checks_of_values());
}

Result<void> audit_sysctl(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  look_for(audit, checks_of_sysctl_files());
  if (rules::is_utf16(bytes)) {
    audit.findings.push_back(make_finding("utf-16", "", {std::string(path), 1}, "The bytes are UTF-16."));
    return {};
  }
  TRY(JudgedFile judged, judge_sysctl_file(path, bytes, context));
  audit.settings = judged.lines;
  const SysctlFile file{.path = std::string(path), .bytes = bytes, .context = context, .judged = judged};
  if (rules::is_dump(file)) {
    audit.findings.push_back(
        make_finding("sysctl-dump", "", {file.path, 0}, "Keys that only such a list has are in it."));
    return {};
  }
  rules::encoding(file, audit.findings);
  rules::bad_lines(file, audit.findings);
  rules::other_keys(file, audit.findings);
  rules::assignments(audit.settings, audit.findings);
  rules::repeated(audit.settings, audit.findings);
  rules::loaders_differ(audit.settings, audit.findings);
  rules::myth_comments(file, audit.findings);
  judge_values(audit, context);
  return {};
}

void audit_other(Audit& audit, OtherFile file, std::span<const std::string_view> ids) {
  audit.settings = std::move(file.lines);
  audit.findings = std::move(file.findings);
  look_for(audit, ids);
}

Result<void> judge(Audit& audit, ProfileKind kind, std::string_view path, std::string_view bytes,
                   const AuditContext& context) {
  switch (kind) {
    case ProfileKind::sysctl_conf:
      return audit_sysctl(audit, path, bytes, context);
    case ProfileKind::tuned:
      audit_other(audit, judge_tuned_file(path, bytes, context), checks_of_tuned_files());
      judge_values(audit, context);
      return {};
    case ProfileKind::reg:
      audit_other(audit, judge_reg_file(path, bytes, context), checks_of_reg_files());
      return {};
    case ProfileKind::ini:
      break;
  }
  TRY(OtherFile file, judge_ini_file(path, bytes, context));
  audit_other(audit, std::move(file), {});
  judge_values(audit, context);
  return {};
}

bool earlier(const Finding& a, const Finding& b) {
  return a.where.line != b.where.line ? a.where.line < b.where.line : a.severity > b.severity;
}

}  // namespace

Result<Audit> audit_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY(const ProfileKind kind, audited_kind(path, bytes));
  Audit audit{.host = context.host(), .of_files = true, .files = {std::string(path)}};
  TRY_VOID(judge(audit, kind, path, bytes, context));
  std::stable_sort(audit.findings.begin(), audit.findings.end(), earlier);
  look_for(audit, kOfComments);
  honour_comments(audit, path, kind == ProfileKind::reg ? registry_text(bytes) : std::string(bytes));
  return audit;
}

}  // namespace twctl
