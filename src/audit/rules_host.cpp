#include "audit/rules_host.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/local_ports.hpp"
#include "rules/availability.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl::rules {
namespace {

constexpr std::size_t kMostNamed = 8;

std::optional<Value> live_of(const HostView& view, const Setting& setting) {
  const std::optional<Value> live = live_value(setting, view.snapshot).in_force();
  return live ? std::optional(canonical(setting, *live)) : std::nullopt;
}

// Who writes the setting later than the boot files; nullptr: nobody that is known.
const LaterWriter* writer_of(const HostView& view, const Setting& setting) {
  const auto writes = [&](const LaterWriter& writer) { return writer.writes.contains(std::string(setting.key)); };
  const auto& all = view.snapshot.later_writers;
  const auto found = std::find_if(all.begin(), all.end(), writes);
  return found == all.end() ? nullptr : &*found;
}

// In a container the boot files of the image are read by nobody.
bool loader_runs(const HostView& view) { return view.boots && view.snapshot.host.container.empty(); }

std::string origin_text(const SettledValue* boot) {
  if (boot == nullptr) return "the kernel's default";
  return fmt::format("{}:{}", escape(boot->where.file), boot->where.line);
}

bool is_read(const HostView& view, const BootFile& file) {
  return view.snapshot.host.loader == Loader::none || reads_file(view.replay.config, view.loader, file.path);
}

std::size_t settings_in(const BootFile& file) {
  return lines_about_settings(read_assignments(file.bytes, Loader::procps), Loader::procps);
}

}  // namespace

void drift(const HostView& view, Findings& found) {
  if (!loader_runs(view)) return;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::optional<Value> live = live_of(view, setting);
    const SettledValue* boot = view.boot.find(setting.key);
    const std::optional<Value> next = boot != nullptr ? boot->value : view.context.default_of(setting);
    const bool late = loads_late(setting, view.snapshot);
    if (!live || !next || *live == *next || late || writer_of(view, setting) != nullptr) continue;
    found.push_back(make_finding("drift", setting.key, boot != nullptr ? boot->where : Place{},
                                 fmt::format("{} is {} live; the next boot sets {} ({}).", setting.key, escape(*live),
                                             escape(*next), origin_text(boot))));
  }
}

void later_writers(const HostView& view, Findings& found) {
  for (const auto& [key, boot] : view.boot.said) {
    const Setting& setting = *find_setting(Os::linux_kernel, key);
    const LaterWriter* writer = writer_of(view, setting);
    if (writer == nullptr || writer->boot_files_win) continue;
    const std::string& raw = writer->writes.at(std::string(key));
    const KernelOutcome taken = kernel_takes(setting, raw, boot.value);
    if (!raw.empty() && (!taken.value || *taken.value == boot.value)) continue;
    const std::string what = raw.empty() ? "writes it" : "sets it to " + escape(*taken.value);
    found.push_back(make_finding("later-writer-wins", key, boot.where,
                                 fmt::format("{} ({}) {} later; the boot file says {}.", writer->name, writer->evidence,
                                             what, escape(boot.value))));
  }
}

void shadowed_lines(const HostView& view, Findings& found) {
  for (const JudgedLine& line : view.lines) {
    const bool other_file = line.overridden_by && line.overridden_by->file != line.where.file;
    if (line.fate != Fate::taken || !other_file || line.wildcard) continue;
    const SettledValue* winner = view.boot.find(line.setting->key);
    if (winner != nullptr && winner->value == line.effective) continue;
    found.push_back(make_finding(
        "line-shadowed", line.setting->key, line.where,
        fmt::format("It says {}; {}:{} has the last word{}.", escape(*line.effective), escape(line.overridden_by->file),
                    line.overridden_by->line, winner == nullptr ? "" : ": " + escape(winner->value))));
  }
}

void unread_files(const HostView& view, Findings& found) {
  if (!view.boots) return;
  for (const BootFile& file : view.snapshot.boot_files) {
    const Place where{file.path, 0};
    if (const BootFileState state = state_of(file); state != BootFileState::readable) {
      found.push_back(make_finding("file-unreadable", "", where, escape(file.problem) + "."));
      if (state == BootFileState::mask) found.back().severity = Severity::info;
    }
    if (file.path != kSysctlConf || is_read(view, file)) continue;
    if (const std::size_t count = settings_in(file); count > 0) {
      found.push_back(make_finding("file-not-read", "", where,
                                   fmt::format("{} line{} about settings of ours.", count, count == 1 ? "" : "s")));
    }
  }
}

void early_lines(const HostView& view, Findings& found) {
  for (const JudgedLine& line : view.lines) {
    if (!line.in_force() || !loads_late(*line.setting, view.snapshot)) continue;
    found.push_back(make_finding("line-too-early", line.setting->key, line.where,
                                 fmt::format("{} comes with the module {}.", line.setting->key, line.setting->module)));
    if (live_of(view, *line.setting) == line.effective) found.back().severity = Severity::info;
  }
}

void listeners(const HostView& view, Findings& found) {
  const auto live = [&](std::string_view key) { return live_of(view, *find_setting(key)); };
  const auto local = local_ports(live(keys::kPortRange), live(keys::kReservedPorts));
  if (!local) return;
  const std::vector<std::string> ports = local->among(view.snapshot.listening_ports);
  if (ports.empty()) return;
  found.push_back(make_finding("port-range-listeners", keys::kPortRange, {},
                               fmt::format("{} covers {}.", to_text(local->range), listed(ports, kMostNamed))));
}

}  // namespace twctl::rules
