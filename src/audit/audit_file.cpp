#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "audit/audit.hpp"
#include "audit/file_lines.hpp"
#include "base/text.hpp"
#include "base/utf16.hpp"
#include "catalog/other_keys.hpp"
#include "formats/reg.hpp"
#include "profile/file_kind.hpp"
#include "sysctl/boot_limits.hpp"

namespace twctl {
namespace {

template <class View>
void run(Audit& audit, std::span<const Rule<View>> rules, const View& view) {
  look_for(audit, rules);
  Findings found = run_rules(rules, view);
  std::move(found.begin(), found.end(), std::back_inserter(audit.findings));
}

// Everything in force in the file for one of the loaders, by key.
ValuesInForce values_in_force(const Audit& audit, const AuditContext& context, std::string_view bytes, Loader loader) {
  ValuesInForce values{.context = context, .guides = guides_named_in(bytes)};
  for (const AuditedLine& line : audit.settings) {
    if (line.setting->os != Os::linux_kernel) continue;
    if (const std::optional<Value> value = line.value_for(loader))
      values.assigned[line.setting->key] = {*value, line.where};
  }
  return values;
}

// Nobody knows which loader will read the file: what only one of them makes harmful is found too.
void run_value_rules(Audit& audit, const AuditContext& context, std::string_view bytes) {
  run(audit, value_rules(), values_in_force(audit, context, bytes, Loader::procps));
  say_once_of_fin_timeout(audit.findings);
  const auto by_loader = [](const AuditedLine& line) { return line.systemd_differs; };
  if (std::none_of(audit.settings.begin(), audit.settings.end(), by_loader)) return;
  ValuesInForce systemd = values_in_force(audit, context, bytes, Loader::systemd);
  systemd.layer = " for systemd-sysctl";
  add_unless_there(audit.findings, run_rules(value_rules(), systemd));
}

// What it lacks, if it sets nothing of ours.
void say_if_empty(Audit& audit, std::string_view path, std::size_t others) {
  if (!audit.settings.empty() || !audit.findings.empty()) return;
  const std::string why = others == 0
                              ? "it sets nothing"
                              : fmt::format("it sets none of the settings that twctl judges: {} other setting{}",
                                            others, others == 1 ? "" : "s");
  audit.unjudged.push_back({std::string(path), why});
}

// Beside those of ours, which are all told of.
void add_other_keys(Audit& audit, const std::vector<Assignment>& assignments) {
  std::set<std::string> others(audit.other_keys.begin(), audit.other_keys.end());
  for (const Assignment& one : assignments) {
    if (is_other_key(one.key)) others.insert(one.key);
  }
  audit.other_keys.assign(others.begin(), others.end());
}

// Docker sets ip_unprivileged_port_start to 0, and the runtime writes what it is given in no fixed order.
void soften_for_docker(Finding& told) {
  told.severity = Severity::warning;
  told.meaning =
      "The kernel refuses the range where ip_unprivileged_port_start is still 1024 when it is written: Docker sets 0 "
      "(since 20.10), but not necessarily before.";
  told.advice = "Begin at 1024 or above: a runtime keeps no order among the values.";
}

// A runtime writes what it is given before the program starts, and gives up at the first value that it cannot write.
void say_of_runtime(Audit& audit) {
  constexpr std::array<std::string_view, 6> kNotWritten{"value-refused",          "odd-character", "unknown-key",
                                                        "ports-below-privileged", "removed-key",   "missing-key"};
  constexpr std::string_view kNotStarted = "container-not-started";
  audit.checks.push_back(kNotStarted);
  for (Finding& finding : audit.findings) {
    const std::string_view id = finding.row->id;
    if (!is_one_of(id, kNotWritten)) continue;
    const bool mends = id != "removed-key" && id != "missing-key";
    Finding told = make_finding(finding_row(kNotStarted), finding.key, finding.where, std::move(finding.evidence));
    if (mends) told.advice = std::move(finding.advice);
    if (id == "ports-below-privileged") soften_for_docker(told);
    finding = std::move(told);
  }
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
  add_other_keys(audit, judged.procps.assignments);
  const std::vector<BadLine> bad_lines = bad_to_both(judged.procps, judged.systemd);
  file.bytes = bytes;
  file.lines = judged.lines;
  file.assignments = judged.procps.assignments;
  file.keys = named_keys(file.assignments);
  file.bad_lines = bad_lines;
  run(audit, sysctl_file_rules(), file);
  run_value_rules(audit, context, bytes);
  if (context.given_to_runtime()) say_of_runtime(audit);
  say_if_empty(audit, path, judged.procps.assignments.size());
  return {};
}

Result<void> audit_tuned(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY_VOID(check_line_limit(path, bytes));
  TRY(const AuditedTuned tuned, judge_tuned_file(path, bytes, context));
  audit.settings = tuned.lines;
  add_other_keys(audit, tuned.assignments);
  run(audit, tuned_file_rules(),
      {.path = std::string(path),
       .context = context,
       .bytes = bytes,
       .lines = tuned.lines,
       .assignments = tuned.assignments,
       .keys = named_keys(tuned.assignments),
       .bad_lines = tuned.bad_lines});
  run_value_rules(audit, context, bytes);
  for (const AuditedTuned::LeftOpen& open : tuned.left_open) {
    audit.unjudged.push_back({fmt::format("{}:{}", path, open.line), open.why});
  }
  if (tuned.left_open.empty()) say_if_empty(audit, path, tuned.assignments.size());
  return {};
}

Result<void> audit_profile(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY(audit.settings, judge_ini_file(path, bytes, context));
  std::vector<AuditedLine> lines;
  std::copy_if(audit.settings.begin(), audit.settings.end(), std::back_inserter(lines),
               [](const AuditedLine& line) { return !line.ignores_errors; });
  run(audit, profile_file_rules(), {.path = std::string(path), .context = context, .lines = lines});
  run_value_rules(audit, context, bytes);
  say_if_empty(audit, path, 0);
  return {};
}

Result<void> audit_reg(Audit& audit, std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY_VOID(check_line_limit(path, registry_text(bytes)));
  TRY(const AuditedRegistry registry, judge_reg_file(path, bytes, context));
  audit.settings = registry.lines;
  run(audit, reg_file_rules(), registry);
  const auto has_value = [](const RegistryLine& line) { return line.value.has_value(); };
  const auto values = std::count_if(registry.text.lines.begin(), registry.text.lines.end(), has_value);
  if (registry.entries.empty()) say_if_empty(audit, path, static_cast<std::size_t>(values));
  return {};
}

Result<void> judge(Audit& audit, ProfileKind kind, std::string_view path, std::string_view bytes,
                   const AuditContext& context) {
  switch (kind) {
    case ProfileKind::sysctl_conf:
      return audit_sysctl(audit, path, bytes, context);
    case ProfileKind::tuned:
      return audit_tuned(audit, path, bytes, context);
    case ProfileKind::reg:
      return audit_reg(audit, path, bytes, context);
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
  TRY(const ProfileKind kind, readable_kind(path, bytes));
  Audit audit{.host = context.host(), .of_files = true, .files = {std::string(path)}};
  if (const FileKind found = file_kind(path, bytes); found.is_template) {
    audit.unjudged.push_back(
        {std::string(path), fmt::format("a template of {}: another program fills in its values", found.name)});
    return audit;
  }
  TRY_VOID(judge(audit, kind, path, bytes, context));
  std::stable_sort(audit.findings.begin(), audit.findings.end(), earlier);
  audit.checks.push_back(kIgnoreInvalid);
  honour_comments(audit, path, kind == ProfileKind::reg ? registry_text(bytes) : std::string(bytes));
  return audit;
}

}  // namespace twctl
