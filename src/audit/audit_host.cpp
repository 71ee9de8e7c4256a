#include "audit/audit_host.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/rules_host.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "plan/plan.hpp"
#include "rules/availability.hpp"

namespace twctl {
namespace {

constexpr std::size_t kEchoed = 80;

// Of what the boot and the live side both show, the boot side has the line.
void add_unless_there(Findings& found, Findings more) {
  for (Finding& finding : more) {
    const auto same = [&](const Finding& other) { return other.row == finding.row && other.key == finding.key; };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(finding));
  }
}

void judge_values(const Settled& side, Findings& found) {
  Findings more;
  rules::values(side, more);
  rules::ports(side, more);
  add_unless_there(found, std::move(more));
}

// The text of each boot file that a loader of this host reads. A link's text is its target's.
void judge_texts(const HostView& view, Audit& audit) {
  for (std::size_t at = 0; at < view.replay.config.files.size(); ++at) {
    const BootConfig::File& parsed = view.replay.config.files[at];
    const BootFile& file = view.snapshot.boot_files[at];
    if (!file.link_target.empty() || !file.problem.empty() || file.bytes.empty()) continue;
    const JudgedFile judged{.lines = {}, .procps = parsed.procps, .systemd = parsed.systemd};
    const SysctlFile text{.path = file.path, .bytes = file.bytes, .context = view.context, .judged = judged};
    if (rules::is_utf16(file.bytes)) {
      audit.findings.push_back(make_finding("utf-16", "", {file.path, 1}, "The bytes are UTF-16."));
      continue;
    }
    rules::encoding(text, audit.findings);
    rules::bad_lines(text, audit.findings);
    rules::other_keys(text, audit.findings);
    rules::myth_comments(text, audit.findings);
  }
}

void judge_host(const HostView& view, Findings& found) {
  rules::assignments(view.lines, found);
  rules::repeated(view.lines, found);
  rules::loaders_differ(view.lines, found);
  judge_values(view.boot, found);
  judge_values(view.live, found);
  rules::drift(view, found);
  rules::later_writers(view, found);
  rules::shadowed_lines(view, found);
  rules::unread_files(view, found);
  rules::early_lines(view, found);
  rules::listeners(view, found);
}

std::vector<std::string_view> checks_of_a_host() {
  std::vector<std::string_view> all;
  for (const auto ids : {checks_of_sysctl_files(), checks_of_values(), checks_of_hosts()}) {
    for (const std::string_view id : ids) {
      const bool for_files_only = id == "sysctl-dump";
      if (!for_files_only) all.push_back(id);
    }
  }
  return all;
}

// A value of a row that is there, as the registry of a Windows host has it. Whatever is too long to be read is no
// number.
void judge_registry_value(const Setting& setting, const LiveValue& live, KernelVersion build, Findings& found) {
  const bool read = live.state == LiveValue::State::present;
  const bool number = read && as_integer(live.value);
  if (number || !setting.writable) return rules::registry_number(setting, live.value, {}, build, found);
  const std::string what = read ? fmt::format("\"{}\"", escape(live.value, kEchoed)) : "What stands there";
  const std::string why = read ? "" : ": " + escape(live.problem);
  found.push_back(
      make_finding("reg-no-effect", setting.key, {}, fmt::format("{} is no REG_DWORD of four bytes{}.", what, why)));
}

// They have one key, so whoever may not read one of them reads none: one finding for all.
void judge_denied(const std::vector<std::string>& denied, const std::string& problem, Findings& found) {
  if (denied.empty()) return;
  found.push_back(
      make_finding("reg-unreadable", denied.front(), {}, fmt::format("{}: {}.", listed(denied, 1), escape(problem))));
}

Audit audit_registry(const Snapshot& snapshot) {
  Audit audit{.host = snapshot.host};
  const auto ids = checks_of_registries();
  audit.checks.assign(ids.begin(), ids.end());
  std::vector<std::string> denied;
  std::string problem;
  for (const Setting& setting : settings(Os::windows)) {
    const LiveValue& live = live_value(setting, snapshot);
    if (live.state == LiveValue::State::denied) {
      denied.emplace_back(setting.key);
      if (problem.empty()) problem = live.problem;
    }
    const bool there = live.state == LiveValue::State::present || live.state == LiveValue::State::unreadable;
    if (there) judge_registry_value(setting, live, snapshot.host.kernel, audit.findings);
  }
  judge_denied(denied, problem, audit.findings);
  rules::strays(snapshot.strays, audit.findings);
  return audit;
}

std::string side_text(std::string_view side, const std::optional<Value>& value,
                      const std::optional<LayerVerdict>& verdict, std::string_view absent = "not known") {
  if (!verdict || verdict->verdict == Verdict::ok) return "";
  return fmt::format("{} {}{}; ", side, value ? escape(*value) : absent,
                     verdict->note.empty() ? "" : " (" + verdict->note + ")");
}

std::string live_text(const PlannedSetting& planned) {
  const bool windows = planned.setting->os == Os::windows;
  return side_text(windows ? "registry" : "live", planned.live, planned.live_verdict, windows ? "absent" : "not known");
}

}  // namespace

Audit audit_snapshot(const Snapshot& snapshot) {
  if (snapshot.host.os == Os::windows) return audit_registry(snapshot);
  const AuditContext context(snapshot.host);
  const HostView view = view_of(snapshot, context);
  Audit audit{.host = snapshot.host, .settings = view.lines, .checks = checks_of_a_host()};
  for (const std::string& path : reading_order(view.replay.config, view.loader)) audit.files.push_back(path);
  if (view.boots) judge_texts(view, audit);
  judge_host(view, audit.findings);
  for (const BootFile& file : snapshot.boot_files) {
    if (file.link_target.empty()) honour_comments(audit, file.path, file.bytes);
  }
  return audit;
}

Result<void> hold_to_profile(Audit& audit, const Snapshot& snapshot, const Desired& desired) {
  PlanOptions options;
  if (!snapshot.host.netns.empty()) options.scope = Scope::live;
  TRY(const Plan plan, make_plan(desired, snapshot, options));
  audit.checks.emplace_back("profile-unmet");
  for (const PlannedSetting& planned : plan.settings) {
    const Verdict verdict = planned.verdict();
    if (planned.skipped || verdict == Verdict::ok || verdict == Verdict::removed) continue;
    const Place where = planned.boot_origin.value_or(Place{});
    audit.findings.push_back(
        make_finding("profile-unmet", planned.setting->key, where,
                     fmt::format("{}{}{} asks for {}.", live_text(planned),
                                 side_text("next boot", planned.boot, planned.boot_verdict),
                                 escape(planned.entry.where.file), escape(to_text(planned.entry.wanted)))));
  }
  return {};
}

}  // namespace twctl
