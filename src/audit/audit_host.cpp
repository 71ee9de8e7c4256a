#include "audit/audit_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "audit/audit.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "base/utf16.hpp"
#include "catalog/keys.hpp"
#include "plan/plan.hpp"
#include "rules/availability.hpp"
#include "rules/rule.hpp"

namespace twctl {
namespace {

void add(Findings& found, Findings more) { std::move(more.begin(), more.end(), std::back_inserter(found)); }

// As in a file by itself.
Findings by_line(Findings findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.where.line < b.where.line; });
  return findings;
}

// The text of each boot file that a loader of this host reads. A link's text is its target's.
void judge_texts(const AuditedHost& audited, Findings& found) {
  const HostView& host = audited.host;
  for (std::size_t at = 0; at < host.replay.config.files.size(); ++at) {
    const BootConfig::File& parsed = host.replay.config.files[at];
    const BootFile& file = host.snapshot.boot_files[at];
    if (!file.link_target.empty() || !file.problem.empty() || file.bytes.empty()) continue;
    if (!is_read_by_name(file.path)) continue;
    const bool command_line = file.path == kKernelCommandLine;  // whose bad lines are told by a rule of their own
    const std::vector<BadLine> bad_lines =
        command_line ? std::vector<BadLine>{} : bad_to_both(parsed.procps, as_read_by(Loader::systemd, parsed));
    AuditedFile text{.path = file.path, .context = audited.context};
    if (looks_like_utf16(file.bytes)) {
      text.form = AuditedFile::Form::utf_16;
    } else {
      text.bytes = file.bytes;
      text.assignments = parsed.procps.assignments;
      text.keys = named_keys(text.assignments);
      text.bad_lines = bad_lines;
    }
    add(found, run_rules(sysctl_file_rules(), text));
  }
}

// Nobody edits those: an update would bring the line back.
void advise_on_packages_files(Findings& found) {
  for (Finding& finding : found) {
    if (!is_of_a_package(finding.where.file)) continue;
    finding.advice = "The file is a package's: put a copy without the mistake into /etc/sysctl.d, under the same name.";
  }
}

// nullopt: it depends on the host, and how is not known.
std::optional<Value> default_here(const Setting& setting, const AuditedHost& audited) {
  const std::int64_t entries = audited.host.snapshot.tcp_hash_entries;
  if (setting.key == keys::kMaxTwBuckets && entries > 0) return std::to_string(entries / 2);
  return audited.context.default_of(setting);
}

// Where nothing about this host has given another advice.
bool takes_line_out(const Finding& finding) {
  return finding.row->takes_line_out && finding.advice == finding.row->advice;
}

// No line of a boot file has set it.
void advise_on_live_values(Findings& found, const AuditedHost& audited) {
  for (Finding& finding : found) {
    if (!finding.where.file.empty() || !takes_line_out(finding)) continue;
    const std::optional<Value> usual = default_here(*find_setting(finding.key), audited);
    finding.advice = fmt::format("No boot file sets it: find out who did, and set the kernel's default again{}.",
                                 usual ? ", " + *usual : "");
  }
}

constexpr std::string_view kPassedOverAtBoot =
    "The kernel logs such a parameter at its start and goes on: nothing is set.";

bool is_no_setting(const Finding& finding) {
  return finding.row->id == "removed-key" || finding.row->id == "missing-key";
}

// No line can be taken out of it.
void advise_on_command_line(Findings& found) {
  for (Finding& finding : found) {
    if (finding.where.file != kKernelCommandLine) continue;
    if (is_no_setting(finding)) finding.meaning = kPassedOverAtBoot;
    const bool does_nothing = finding.row->id == "unknown-key" && finding.advice != finding.row->advice;  // no slip
    if (is_no_setting(finding) || does_nothing || takes_line_out(finding)) {
      finding.advice = "Take the parameter out of the boot loader's configuration.";
    }
  }
}

bool is_boot_file(const Snapshot& snapshot, std::string_view path) {
  return std::any_of(snapshot.boot_files.begin(), snapshot.boot_files.end(),
                     [&](const BootFile& file) { return file.path == path; });
}

// Whose line that is, and what it writes; nullptr: no later writer's.
std::pair<const LaterWriter*, const LaterWrite*> write_at(const Snapshot& snapshot, const Place& where) {
  for (const LaterWriter& writer : snapshot.later_writers) {
    const auto write = std::find_if(writer.writes.begin(), writer.writes.end(),
                                    [&](const LaterWrite& one) { return one.where == where; });
    if (write != writer.writes.end()) return {&writer, &*write};
  }
  return {nullptr, nullptr};
}

// What comes of a line about a setting that this kernel does not have. One that may never run, or that a script puts
// into a boot file, gives no error that is sure; nor does `sysctl -e`, which no script ends at.
std::string_view meaning_for(const LaterWriter& writer, const LaterWrite& write) {
  if (writer.before_boot_files) return kPassedOverAtBoot;
  if (writer.name == kTuned) return "TuneD logs such a line and goes on: nothing is set.";
  if (writer.name == "UFW") return "UFW passes over such a line (`sysctl -e`): nothing is set.";
  if (writer.name == "systemd-sysctl") return "systemd-sysctl logs such a line and goes on: nothing is set.";
  if (writer.name == "tmpfiles.d") return "systemd-tmpfiles goes on without such a line: nothing is set.";
  const bool is_sure = writer.when != WriteTime::unknown && write.step > 0;
  if (!is_sure) return "On this kernel nothing is set by it, and what runs it may get an error.";
  if (write.ends == 0) return "Nothing is set: what runs it prints an error (`sysctl -e` does not), and goes on.";
  return "Who runs it gets an error, and nothing is set. A script with -e ends there, and so does a unit.";
}

// Such a line is often a command, or all that a boot loader tells the kernel: more may stand in it than the setting.
void advise_on_later_lines(Findings& found, const Snapshot& snapshot) {
  constexpr std::array<std::string_view, 2> kWholeLine{"Delete the line", "Take the line out"};
  for (Finding& finding : found) {
    const Place& where = finding.where;
    if (where.file.empty() || is_boot_file(snapshot, where.file)) continue;
    const auto [writer, write] = write_at(snapshot, where);
    if (writer == nullptr) continue;
    if (is_no_setting(finding) || finding.row->id == "unknown-key") finding.meaning = meaning_for(*writer, *write);
    if (finding.row->id == "value-refused") finding.meaning = "The kernel refuses it and keeps what it had.";
    if (finding.row->id == "missing-key") finding.advice = "Set it where it exists, or take it out there.";
    for (const std::string_view whole : kWholeLine) {
      if (finding.advice.starts_with(whole)) finding.advice.replace(0, whole.size(), "Take it out there");
    }
  }
}

bool raises_only(const Finding& finding, const LaterWriter& writer) {
  return writer.name == kTuned && std::any_of(writer.writes.begin(), writer.writes.end(), [&](const auto& write) {
           return write.where == finding.where && write.key == finding.key && write.value.starts_with('>');
         });
}

// TuneD's ">N" raises what the boot files say: nothing would be better without it.
void advise_on_bounds(Findings& found, const Snapshot& snapshot) {
  for (Finding& finding : found) {
    const auto raises = [&](const LaterWriter& writer) { return raises_only(finding, writer); };
    const auto& writers = snapshot.later_writers;
    if (finding.row->id != "somaxconn-small" || std::none_of(writers.begin(), writers.end(), raises)) continue;
    finding.advice = "Take the lower value out of the boot file, or write the default or more here.";
  }
}

void judge_host(const AuditedHost& audited, Findings& found) {
  if (audited.host.boots) judge_texts(audited, found);
  add(found, run_rules(sysctl_file_rules(), AuditedFile{.context = audited.context, .lines = audited.lines}));
  advise_on_packages_files(found);
  add(found, run_rules(sysctl_file_rules(), AuditedFile{.context = audited.context, .lines = audited.later_lines}));
  const bool no_systemd = audited.host.loader == Loader::procps;
  if (no_systemd) std::erase_if(found, [](const Finding& finding) { return finding.row->id == "loaders-differ"; });
  Findings of_boot = run_rules(value_rules(), audited.boot);
  advise_on_bounds(of_boot, audited.host.snapshot);
  add_unless_there(found, by_line(std::move(of_boot)));
  add_unless_there(found, by_line(run_rules(value_rules(), audited.to_come)));
  if (!no_systemd) add_unless_there(found, by_line(run_rules(value_rules(), audited.other_loader)));
  Findings live = run_rules(value_rules(), audited.live);
  advise_on_live_values(live, audited);
  add_unless_there(found, std::move(live));
  say_once_of_fin_timeout(found);
  add(found, run_rules(host_rules(), audited));
  advise_on_command_line(found);
  advise_on_later_lines(found, audited.host.snapshot);
}

// The whole output of `sysctl -a` is looked for in a file by itself only.
void look_for_all(Audit& audit) {
  look_for(audit, sysctl_file_rules());
  std::erase(audit.checks, "sysctl-dump");
  look_for(audit, value_rules());
  look_for(audit, host_rules());
  audit.checks.push_back(kIgnoreInvalid);
}

// A value that is there. Whatever is too long to be read is no number.
RegistryEntry registry_entry(const Setting& setting, const LiveValue& live) {
  RegistryEntry entry{.setting = &setting, .value = live.value};
  const bool read = live.state == LiveValue::State::present;
  if (!setting.writable || (read && as_integer(live.value))) return entry;
  const std::string what = read ? in_quotes(live.value, kEchoed) : "What stands there";
  const std::string why = read ? "" : ": " + escape(live.problem);
  entry.no_effect = fmt::format("{} is no REG_DWORD of four bytes{}.", what, why);
  return entry;
}

// One entry a setting, however many interfaces have it: "It is not read under Interfaces: 30 in Interfaces\{...} and 4
// more."
std::optional<RegistryEntry> stray_entry(const Setting& setting, const std::vector<StrayValue>& strays) {
  constexpr std::size_t kMostPlaces = 3;
  std::vector<std::string> texts;
  for (const StrayValue& stray : strays) {
    if (stray.key != setting.key) continue;
    const std::optional<Value> value = stray.live.in_force();
    texts.push_back(
        fmt::format("{} in {}", value ? escape(*value, kEchoed) : "what cannot be read", escape(stray.place, kEchoed)));
  }
  if (texts.empty()) return std::nullopt;
  return RegistryEntry{.setting = &setting,
                       .no_effect = fmt::format("It is not read under Interfaces: {}.", listed(texts, kMostPlaces))};
}

AuditedRegistry values_that_count(const Snapshot& snapshot) {
  AuditedRegistry registry{.build = snapshot.host.kernel};
  for (const Setting& setting : settings(Os::windows)) {
    const LiveValue& live = live_value(setting, snapshot);
    if (live.state == LiveValue::State::denied) {
      if (registry.denied.empty()) registry.why_denied = escape(live.problem);
      registry.denied.emplace_back(setting.key);
    }
    const bool there = live.state == LiveValue::State::present || live.state == LiveValue::State::unreadable;
    if (there) registry.entries.push_back(registry_entry(setting, live));
  }
  return registry;
}

AuditedRegistry strays_of(const Snapshot& snapshot) {
  AuditedRegistry registry{.build = snapshot.host.kernel};
  for (const Setting& setting : settings(Os::windows)) {
    if (auto entry = stray_entry(setting, snapshot.strays)) registry.entries.push_back(*std::move(entry));
  }
  return registry;
}

Audit audit_registry(const Snapshot& snapshot) {
  Audit audit{.host = snapshot.host};
  look_for(audit, registry_rules());
  add(audit.findings, run_rules(registry_rules(), values_that_count(snapshot)));
  add(audit.findings, run_rules(registry_rules(), strays_of(snapshot)));
  return audit;
}

// A setting that this host does not have.
Unjudged not_held(const PlannedSetting& planned) {
  std::string why;
  for (const auto& verdict : {planned.live_verdict, planned.boot_verdict}) {
    if (why.empty() && verdict && !verdict->note.empty()) why = verdict->note;
  }
  return {std::string(planned.setting->key),
          fmt::format("{} asks for {}; {}", escape(planned.entry.where.file), escape(to_text(planned.entry.wanted)),
                      why.empty() ? "this host does not have it" : why)};
}

std::string names_of(const Desired& desired) {
  std::string names;
  for (const std::string& name : desired.names) names += (names.empty() ? "" : ", ") + name;
  return names;
}

// What of the profile nothing was held to.
void say_what_is_not_held(Audit& audit, const Snapshot& snapshot, const Desired& desired) {
  const int others = desired.out_of_scope;
  if (desired.entries.empty()) audit.unjudged.push_back({names_of(desired), "it sets nothing in twctl's scope"});
  if (others > 0) {
    audit.unjudged.push_back(
        {names_of(desired), fmt::format("{} key{} outside twctl's scope", others, others == 1 ? "" : "s")});
  }
  if (!snapshot.host.netns.empty() && !desired.entries.empty()) {
    audit.unjudged.push_back(
        {names_of(desired), "of the next boot: this network namespace has no boot files of its own"});
  }
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
  const HostView host = view_of(snapshot, "");
  const AuditedHost audited = audited_host(host, context);
  Audit audit{.host = snapshot.host, .settings = audited.lines};
  audit.other_namespaces.count = snapshot.other_namespaces;
  audit.settings.insert(audit.settings.end(), audited.later_lines.begin(), audited.later_lines.end());
  audit.drifts = audited.drifts;
  if (is_other_namespace(snapshot.host)) {
    audit.unjudged.push_back(
        {"drift", "boot files set the values of the initial network namespace, and this is another"});
  }
  look_for_all(audit);
  for (const std::string& path : reading_order(host.replay.config, host.loader)) audit.files.push_back(path);
  judge_host(audited, audit.findings);
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
  say_what_is_not_held(audit, snapshot, desired);
  for (const PlannedSetting& planned : plan.settings) {
    const Verdict verdict = planned.verdict();
    if (planned.skipped || verdict == Verdict::removed) audit.unjudged.push_back(not_held(planned));
    if (planned.skipped || verdict == Verdict::ok || verdict == Verdict::removed) continue;
    const Place where = planned.boot_origin.value_or(Place{});
    audit.findings.push_back(
        make_finding(finding_row("profile-unmet"), planned.setting->key, where,
                     fmt::format("{}{}{} asks for {}.", live_text(planned),
                                 side_text("next boot", planned.boot, planned.boot_verdict),
                                 escape(planned.entry.where.file), escape(to_text(planned.entry.wanted)))));
  }
  return {};
}

}  // namespace twctl
