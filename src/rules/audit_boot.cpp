// A host's boot files and its live values: whether they agree, and whether what the files say comes to be.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/local_ports.hpp"
#include "rules/audit_rules.hpp"
#include "rules/availability.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostNamed = 8;

using Assigned = ValuesInForce::Assigned;

// Who writes the setting later than the boot files; nullptr: nobody that is known.
const LaterWriter* writer_of(const AuditedHost& audited, const Setting& setting) {
  const auto writes = [&](const LaterWriter& writer) { return writer.writes.contains(std::string(setting.key)); };
  const auto& all = audited.host.snapshot.later_writers;
  const auto found = std::find_if(all.begin(), all.end(), writes);
  return found == all.end() ? nullptr : &*found;
}

std::string origin_text(const Assigned* boot) {
  if (boot == nullptr) return "the kernel's default";
  return fmt::format("{}:{}", escape(boot->where.file), boot->where.line);
}

// In a container the boot files of the image are read by nobody.
void drift(const AuditedHost& audited, FindingSink& found) {
  const Snapshot& snapshot = audited.host.snapshot;
  if (!audited.host.boots || !snapshot.host.container.empty()) return;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::optional<Value> live = live_now(setting, audited.host);
    const Assigned* boot = audited.boot.find(setting.key);
    const std::optional<Value> next = boot != nullptr ? boot->value : audited.context.default_of(setting);
    const bool late = loads_late(setting, snapshot);
    if (!live || !next || *live == *next || late || writer_of(audited, setting) != nullptr) continue;
    found.add(setting.key,
              fmt::format("{} is {} live; the next boot sets {} ({}).", setting.key, escape(*live), escape(*next),
                          origin_text(boot)),
              boot != nullptr ? boot->where : Place{});
  }
}

void line_shadowed(const AuditedHost& audited, FindingSink& found) {
  for (const AuditedLine& line : audited.lines) {
    const bool other_file = line.overridden_by && line.overridden_by->file != line.where.file;
    if (line.fate != Fate::taken || !other_file || line.wildcard) continue;
    const Assigned* winner = audited.boot.find(line.setting->key);
    if (winner != nullptr && winner->value == line.effective) continue;
    found.add(
        line.setting->key,
        fmt::format("It says {}; {}:{} has the last word{}.", escape(*line.effective), escape(line.overridden_by->file),
                    line.overridden_by->line, winner == nullptr ? "" : ": " + escape(winner->value)),
        line.where);
  }
}

void file_not_read(const AuditedHost& audited, FindingSink& found) {
  const HostView& host = audited.host;
  const bool is_read = host.snapshot.host.loader == Loader::none ||
                       reads_file(host.replay.config, host.loader, std::string(kSysctlConf));
  if (!host.boots || is_read) return;
  for (const BootFile& file : host.snapshot.boot_files) {
    if (file.path != kSysctlConf) continue;
    const std::size_t count = lines_about_settings(read_assignments(file.bytes, Loader::procps), Loader::procps);
    if (count == 0) continue;
    found.add("", fmt::format("{} line{} about settings of ours.", count, count == 1 ? "" : "s"), {file.path, 0});
  }
}

void file_unreadable(const AuditedHost& audited, FindingSink& found) {
  if (!audited.host.boots) return;
  for (const BootFile& file : audited.host.snapshot.boot_files) {
    if (file.problem.empty()) continue;
    Finding& finding = found.add("", escape(file.problem) + ".", {file.path, 0});
    if (state_of(file) == BootFileState::mask) finding.severity = Severity::info;
  }
}

void line_too_early(const AuditedHost& audited, FindingSink& found) {
  for (const AuditedLine& line : audited.lines) {
    if (!line.in_force() || !loads_late(*line.setting, audited.host.snapshot)) continue;
    Finding& finding =
        found.add(line.setting->key,
                  fmt::format("{} comes with the module {}.", line.setting->key, line.setting->module), line.where);
    if (live_now(*line.setting, audited.host) == line.effective) finding.severity = Severity::info;
  }
}

void later_writer_wins(const AuditedHost& audited, FindingSink& found) {
  for (const auto& [key, boot] : audited.boot.assigned) {
    const Setting& setting = *find_setting(Os::linux_kernel, key);
    const LaterWriter* writer = writer_of(audited, setting);
    if (writer == nullptr || writer->boot_files_win) continue;
    const std::string& raw = writer->writes.at(std::string(key));
    const KernelOutcome taken = kernel_takes(setting, raw, boot.value);
    if (!raw.empty() && (!taken.value || *taken.value == boot.value)) continue;
    const std::string what = raw.empty() ? "writes it" : "sets it to " + escape(*taken.value);
    found.add(key,
              fmt::format("{} ({}) {} later; the boot file says {}.", writer->name, writer->evidence, what,
                          escape(boot.value)),
              boot.where);
  }
}

void port_range_listeners(const AuditedHost& audited, FindingSink& found) {
  const auto live = [&](std::string_view key) { return live_now(*find_setting(key), audited.host); };
  const std::optional<LocalPorts> local = local_ports(live(keys::kPortRange), live(keys::kReservedPorts));
  if (!local) return;
  const std::vector<std::string> ports = local->among(audited.host.snapshot.listening_ports);
  if (ports.empty()) return;
  found.add(keys::kPortRange, fmt::format("{} covers {}.", to_text(local->range), listed(ports, kMostNamed)));
}

constexpr std::array kRules{
    Rule<AuditedHost>{"drift", drift},
    Rule<AuditedHost>{"line-shadowed", line_shadowed},
    Rule<AuditedHost>{"file-not-read", file_not_read},
    Rule<AuditedHost>{"file-unreadable", file_unreadable},
    Rule<AuditedHost>{"line-too-early", line_too_early},
    Rule<AuditedHost>{"later-writer-wins", later_writer_wins},
    Rule<AuditedHost>{"port-range-listeners", port_range_listeners},
};

void judge_setting(AuditedHost& audited, const Setting& setting) {
  std::vector<AuditedLine> lines = audited_lines(setting, audited.host.replay);
  const std::optional<Unavailable> why = why_unavailable(setting, audited.host.snapshot);
  if (why && why->reason != Unavailable::Reason::module_not_loaded) {
    for (AuditedLine& line : lines) mark_unavailable(line, *why);
  }
  std::move(lines.begin(), lines.end(), std::back_inserter(audited.lines));
}

void find_boot_values(AuditedHost& audited) {
  const bool procps = audited.host.loader == Loader::procps;
  for (const AuditedLine& line : audited.lines) {
    if (!(procps ? line.in_force() : line.in_force_for_systemd())) continue;
    if (loads_late(*line.setting, audited.host.snapshot)) continue;
    const std::optional<Value>& value = procps || !line.systemd_differs ? line.effective : line.effective_systemd;
    audited.boot.assigned[line.setting->key] = {*value, line.where};
  }
}

void find_live_values(AuditedHost& audited) {
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::optional<Value> value = live_now(setting, audited.host);
    if (!value) continue;
    const std::optional<Value> usual = audited.context.default_of(setting);
    const Assigned* boot = audited.boot.find(setting.key);
    const bool from_boot = boot != nullptr && boot->value == *value;
    if (!from_boot && (!usual || *usual == *value)) continue;
    audited.live.assigned[setting.key] = {*value, from_boot ? boot->where : Place{}};
  }
}

}  // namespace

AuditedHost audited_host(const HostView& host, const AuditContext& context) {
  AuditedHost audited{.host = host,
                      .context = context,
                      .lines = {},
                      .boot = {.context = context},
                      .live = {.context = context, .layer = " (live)"}};
  if (host.boots) {
    for (const Setting& setting : settings(Os::linux_kernel)) judge_setting(audited, setting);
    find_boot_values(audited);
  }
  find_live_values(audited);
  return audited;
}

std::span<const Rule<AuditedHost>> host_rules() { return kRules; }

}  // namespace twctl
