#include <algorithm>
#include <array>
#include <iterator>

#include "audit/audit.hpp"
#include "audit/file_kind.hpp"
#include "audit/file_lines.hpp"
#include "base/utf16.hpp"
#include "formats/reg.hpp"
#include "sysctl/boot_limits.hpp"

namespace twctl {
namespace {

template <class View>
void run(Audit& audit, std::span<const Rule<View>> rules, const View& view) {
  look_for(audit, rules);
  Findings found = run_rules(rules, view);
  std::move(found.begin(), found.end(), std::back_inserter(audit.findings));
}

// Everything in force in the file, by key.
ValuesInForce values_in_force(const Audit& audit, const AuditContext& context) {
  ValuesInForce values{.context = context};
  for (const AuditedLine& line : audit.settings) {
    if (line.in_force() && line.setting->os == Os::linux_kernel)
      values.assigned[line.setting->key] = {*line.effective, line.where};
  }
  return values;
}

Result<void> audit_sysctl(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  AuditedFile file{.path = std::string(path), .context = context};
  if (looks_like_utf16(bytes)) {
    file.form = AuditedFile::Form::utf_16;
    run(audit, sysctl_file_rules(), file);
    return {};
  }
  const std::array one{BootFile{.path = std::string(path), .bytes = std::string(bytes)}};
  TRY_VOID(check_boot_limits(one));
  TRY(const AuditedSysctl judged, judge_sysctl_file(path, bytes, context));
  audit.settings = judged.lines;
  if (is_setting_dump(judged.procps.assignments)) {
    file.form = AuditedFile::Form::setting_dump;
    run(audit, sysctl_file_rules(), file);
    return {};
  }
  const std::vector<BadLine> bad_lines = bad_to_both(judged.procps, judged.systemd);
  file.bytes = bytes;
  file.lines = judged.lines;
  file.assignments = judged.procps.assignments;
  file.bad_lines = bad_lines;
  run(audit, sysctl_file_rules(), file);
  run(audit, value_rules(), values_in_force(audit, context));
  return {};
}

void audit_tuned(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  const AuditedTuned tuned = judge_tuned_file(path, bytes, context);
  audit.settings = tuned.lines;
  run(audit, tuned_file_rules(),
      {.path = std::string(path), .context = context, .lines = tuned.lines, .bad_lines = tuned.bad_lines});
  run(audit, value_rules(), values_in_force(audit, context));
}

Result<void> audit_profile(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY(audit.settings, judge_ini_file(path, bytes, context));
  std::vector<AuditedLine> lines;
  std::copy_if(audit.settings.begin(), audit.settings.end(), std::back_inserter(lines),
               [](const AuditedLine& line) { return !line.ignores_errors; });
  run(audit, profile_file_rules(), {.path = std::string(path), .context = context, .lines = lines});
  run(audit, value_rules(), values_in_force(audit, context));
  return {};
}

void audit_reg(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  const AuditedRegistry registry = judge_reg_file(path, bytes, context);
  audit.settings = registry.lines;
  run(audit, reg_file_rules(), registry);
}

Result<void> judge(Audit& audit, ProfileKind kind, std::string_view path, std::string_view bytes,
                   const AuditContext& context) {
  switch (kind) {
    case ProfileKind::sysctl_conf:
      return audit_sysctl(audit, path, bytes, context);
    case ProfileKind::tuned:
      audit_tuned(audit, path, bytes, context);
      return {};
    case ProfileKind::reg:
      audit_reg(audit, path, bytes, context);
      return {};
    case ProfileKind::ini:
      break;
  }
  return audit_profile(audit, path, bytes, context);
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
  audit.checks.push_back(kIgnoreInvalid);
  honour_comments(audit, path, kind == ProfileKind::reg ? registry_text(bytes) : std::string(bytes));
  return audit;
}

}  // namespace twctl
