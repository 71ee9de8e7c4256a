// A host's boot files and its live values: whether they agree, and whether what the files say comes to be.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <set>
#include <string>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/local_ports.hpp"
#include "rules/audit_rules.hpp"
#include "rules/availability.hpp"
#include "rules/boot_state.hpp"
#include "rules/later_lines.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

using Assigned = ValuesInForce::Assigned;

std::string origin_text(const BootState& boot) {
  if (!boot.origin) return "the kernel's default";
  std::string text = escape(boot.origin->file);
  if (boot.origin->line > 0) text += fmt::format(":{}", boot.origin->line);
  return boot.writer.empty() ? text : fmt::format("{}, {}", boot.writer, text);
}

// Somebody may have set the live value since the boot who is known to do so at times.
bool is_possible(const BootState& boot, const Value& live) {
  return std::any_of(boot.perhaps.begin(), boot.perhaps.end(),
                     [&](const PossibleValue& possible) { return !possible.value || *possible.value == live; });
}

std::string shown(const Value& value) { return value.empty() ? "empty" : escape(value); }

// Nobody need have changed anything by hand where the line is twctl's own.
constexpr std::string_view kOwnDrift =
    "twctl's own boot file says so: `apply --scope boot` leaves the live value until the next boot, or somebody has "
    "changed that since. The next boot decides otherwise.";

void drift(const AuditedHost& audited, FindingSink& found) {
  for (const auto& [setting, live, value] : audited.drifts) {
    const BootState& boot = audited.at_boot.at(setting->key);
    const Place where = boot.origin.value_or(Place{});
    Finding& finding = found.add(setting->key,
                                 fmt::format("{} is {} live; the next boot sets {} ({}).", setting->key, shown(live),
                                             shown(value), origin_text(boot)),
                                 where);
    if (where.file == kOwnBootFile) finding.meaning = kOwnDrift;
  }
}

// The places of which the loader of this host reads lines at all.
std::set<std::string, std::less<>> places_read(const AuditedHost& audited) {
  std::set<std::string, std::less<>> places{std::string(kKernelCommandLine)};
  for (const auto* file : files_read(audited.host.replay.config, audited.host.loader)) {
    places.emplace(edited_path(*file));
  }
  return places;
}

void line_shadowed(const AuditedHost& audited, FindingSink& found) {
  const auto read = places_read(audited);
  const Setting* setting = nullptr;  // its lines stand together, and may be many
  BootOutcome boot;
  for (const AuditedLine& line : audited.lines) {
    if (line.fate != Fate::taken || line.wildcard || !read.contains(line.where.file)) continue;
    if (setting != line.setting) {
      setting = line.setting;
      boot = audited.host.replay.by(audited.host.loader).outcome(*setting);
    }
    const bool loses = boot.decided_by && boot.decided_by->file != line.where.file && boot.value != line.effective;
    if (!loses || audited.at_boot.at(setting->key).origin == line.where)
      continue;  // TuneD writes what files say once more
    found.add(line.setting->key,
              fmt::format("It says {}; {} has the last word: {}.", escape(*line.effective),
                          place_text(*boot.decided_by), escape(*boot.value)),
              line.where);
  }
}

// What packagers, editors and people put aside, and mean to be read by nobody.
bool is_put_aside(std::string_view path) {
  constexpr std::array<std::string_view, 13> kEndings{"~",    ".bak",      ".old",     ".orig",    ".save",
                                                      ".off", ".disabled", ".dist",    ".rpmsave", ".rpmnew",
                                                      ".swp", ".rpmorig",  ".dpkg-old"};
  return path.find(".dpkg-") != std::string_view::npos || path.find(".ucf-") != std::string_view::npos ||
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

void say_not_read(const BootFile& file, FindingSink& found) {
  const std::size_t count = lines_about_settings(read_assignments(file.bytes, Loader::procps), Loader::procps);
  if (count == 0) return;
  const std::string lines = fmt::format("{} line{} about settings that twctl knows", count, count == 1 ? "" : "s");
  if (file.path == kSysctlConf) {
    found.add("", lines + ".", {file.path, 0});
    return;
  }
  Finding& finding = found.add("", lines + "; its name does not end in .conf, so nobody reads it.", {file.path, 0});
  finding.advice = "Give it a name that ends in .conf, or delete it.";
  finding.source = "sysctl.d(5)";
  if (is_put_aside(file.path)) finding.severity = Severity::info;
}

void file_not_read(const AuditedHost& audited, FindingSink& found) {
  const HostView& host = audited.host;
  if (!host.boots) return;
  const auto is_read = [&](const BootFile& file) {
    if (file.path != kSysctlConf) return is_read_by_name(file.path);
    return host.snapshot.host.loader == Loader::none || reads_file(host.replay.config, host.loader, kSysctlConf);
  };
  for (const BootFile& file : host.snapshot.boot_files) {
    if (!is_read(file)) say_not_read(file, found);
  }
}

// Only the runtime sets anything in the container of an application: an image's boot files are read by nobody.
void image_not_read(const AuditedHost& audited, FindingSink& found) {
  const Snapshot& snapshot = audited.host.snapshot;
  if (!is_application_container(snapshot.host)) return;
  for (const BootFile& file : snapshot.boot_files) {
    if (!file.link_target.empty()) continue;
    const std::size_t count = lines_about_settings(read_assignments(file.bytes, Loader::procps), Loader::procps);
    if (count == 0) continue;
    Finding& finding = found.add(
        "",
        fmt::format("{} line{} about settings that twctl knows, and in this container ({}) nobody reads boot files.",
                    count, count == 1 ? "" : "s", escape(snapshot.host.container)),
        {file.path, 0});
    finding.advice =
        "Set them where the container is started: `docker run --sysctl KEY=VALUE`, or securityContext.sysctls of the "
        "pod.";
    finding.source = "docker-run(1), --sysctl";
  }
}

// A service of type NodePort gets one of these on every node; kube-proxy and Cilium hand them on.
void node_ports(const AuditedHost& audited, FindingSink& found) {
  constexpr PortRange kNodePorts{30000, 32767};
  const auto& writers = audited.host.later_writers;
  const auto runs = [&](std::string_view name) {
    return std::any_of(writers.begin(), writers.end(), [&](const LaterWriter& writer) { return writer.name == name; });
  };
  if (!runs("kube-proxy")) return;
  for (const ValuesInForce* values : {&audited.boot, &audited.live}) {
    const Assigned* range = values->find(keys::kPortRange);
    const std::optional<LocalPorts> ports =
        range == nullptr ? std::nullopt : local_ports(range->value, values->value(keys::kReservedPorts));
    if (!ports || !ports->covers(kNodePorts)) continue;
    Finding& finding = found.add(keys::kPortRange,
                                 fmt::format("{} covers the NodePorts {}, which are not reserved{}.",
                                             to_text(ports->range), to_text(kNodePorts), values->layer),
                                 range->where);
    if (runs("Cilium")) finding.severity = Severity::info;
    return;
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

void port_range_listeners(const AuditedHost& audited, FindingSink& found) {
  const auto live = [&](std::string_view key) { return live_now(*find_setting(key), audited.host); };
  const std::optional<LocalPorts> local = local_ports(live(keys::kPortRange), live(keys::kReservedPorts));
  if (!local) return;
  const std::vector<std::string> ports = local->among(audited.host.snapshot.listening_ports);
  if (ports.empty()) return;
  found.add(keys::kPortRange, fmt::format("{} covers {}.", to_text(local->range), listed(ports, kMostNamed)));
}

constexpr std::array kHostRules{
    Rule<AuditedHost>{"drift", drift},
    Rule<AuditedHost>{"line-shadowed", line_shadowed},
    Rule<AuditedHost>{"file-not-read", file_not_read},
    Rule<AuditedHost>{"file-not-read", image_not_read},
    Rule<AuditedHost>{"file-unreadable", file_unreadable},
    Rule<AuditedHost>{"line-too-early", line_too_early},
    Rule<AuditedHost>{"unknown-key", rules::later_unknown_key},
    Rule<AuditedHost>{"removed-key", rules::later_old_key},
    Rule<AuditedHost>{"later-writer-wins", rules::later_writer_wins},
    Rule<AuditedHost>{"script-ends", rules::script_ends},
    Rule<AuditedHost>{"boot-parameter", rules::boot_parameter},
    Rule<AuditedHost>{"tuned-refuses", rules::tuned_refuses_active},
    Rule<AuditedHost>{"command-line-prefix", rules::command_line_prefix},
    Rule<AuditedHost>{"port-range-listeners", port_range_listeners},
    Rule<AuditedHost>{"port-range-nodeports", node_ports},
};

// Whether this kernel has no such setting, whatever is loaded later.
bool is_for_another_kernel(const std::optional<Unavailable>& why) {
  return why && why->reason != Unavailable::Reason::module_not_loaded;
}

// Most settings stand in no line, and then nobody asks whether there is such a setting.
void judge_setting(AuditedHost& audited, const Setting& setting) {
  std::vector<AuditedLine> lines = command_line_lines(setting, audited.host);
  for (AuditedLine& line : audited_lines(setting, audited.host.replay)) lines.push_back(std::move(line));
  std::vector<AuditedLine> later = later_lines(setting, audited.host);
  const BootState& boot = audited.at_boot.emplace(setting.key, boot_state(setting, audited.host)).first->second;
  if (lines.empty() && later.empty() && !boot.origin) return;
  const std::optional<Unavailable> why = why_unavailable(setting, audited.host.snapshot);
  if (is_for_another_kernel(why)) {
    mark_unavailable(lines, *why);
    mark_unavailable(later, *why);
  } else if (boot.value && boot.origin) {
    audited.boot.assigned[setting.key] = {*boot.value, *boot.origin};
  }
  std::move(lines.begin(), lines.end(), std::back_inserter(audited.lines));
  std::move(later.begin(), later.end(), std::back_inserter(audited.later_lines));
}

// Together with what is set already: one value alone may be harmless.
void find_values_to_come(AuditedHost& audited) {
  bool any = false;
  ValuesInForce::Assignments assigned = audited.boot.assigned;
  for (const auto& [key, boot] : audited.at_boot) {
    for (const PossibleValue& possible : boot.perhaps) {
      if (!possible.at_a_later_boot || !possible.value) continue;
      if (is_for_another_kernel(why_unavailable(*find_setting(key), audited.host.snapshot))) break;
      assigned[key] = {*possible.value, possible.where};
      any = true;
    }
  }
  if (any) audited.to_come.assigned = std::move(assigned);
}

// Of settings that the boot files decide: a later writer comes after either loader.
void find_values_for(Loader loader, const AuditedHost& audited, ValuesInForce& values) {
  const Setting* setting = nullptr;  // its lines stand together, and may be many
  bool by_files = false;
  for (const AuditedLine& line : audited.lines) {
    if (setting != line.setting) {
      setting = line.setting;
      by_files = !loads_late(*setting, audited.host.snapshot) && audited.at_boot.at(setting->key).writer.empty();
    }
    const std::optional<Value> value = line.value_for(loader);
    if (value && by_files) values.assigned[setting->key] = {*value, line.where};
  }
}

// A part of the size of the hash table of TCP, and `least` on the smallest of hosts.
struct PartOfTable {
  std::string_view key;
  std::int64_t divisor;
  std::int64_t least;
};
// Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_sk_init(); tcp.c, tcp_init(). Before 4.19 the queue was a 256th.
constexpr std::array<PartOfTable, 3> kPartsOfTable{
    {{keys::kMaxTwBuckets, 2, 256}, {keys::kMaxOrphans, 2, 256}, {keys::kMaxSynBacklog, 128, 128}}};
constexpr std::int64_t kLeastConntrackMax = 1024;  // net/netfilter/nf_conntrack_core.c, nf_conntrack_init_start()

// What the kernel takes by itself where that depends on the host: where the size of the table is not known, a power of
// two, for that is one. Of other settings anything may be it.
bool may_be_default(const Setting& setting, const Value& value, const Snapshot& snapshot) {
  const std::int64_t number = as_integer(value).value_or(0);
  if (setting.key == keys::kConntrackMax) return number == 0 || number >= kLeastConntrackMax;
  const auto* part = std::find_if(kPartsOfTable.begin(), kPartsOfTable.end(),
                                  [&](const PartOfTable& one) { return one.key == setting.key; });
  if (part == kPartsOfTable.end()) return true;
  if (snapshot.tcp_hash_entries > 0 && setting.key != keys::kMaxSynBacklog) {
    return number == snapshot.tcp_hash_entries / part->divisor;
  }
  return number >= part->least && (number & (number - 1)) == 0;
}

// In a container the boot files of the image are read by nobody.
bool may_drift(const AuditedHost& audited) {
  const HostFacts& facts = audited.host.snapshot.host;
  return audited.host.boots && facts.container.empty() && !is_other_namespace(facts);
}

void find_live_value(AuditedHost& audited, const Setting& setting, const Value& value) {
  const std::optional<Value> usual = audited.context.default_of(setting);
  const Assigned* boot = audited.boot.find(setting.key);
  const bool from_boot = boot != nullptr && boot->value == value;
  const bool is_default = usual ? *usual == value : may_be_default(setting, value, audited.host.snapshot);
  if (!from_boot && is_default) return;
  audited.live.assigned[setting.key] = {value, from_boot ? boot->where : Place{}};
}

void find_drift(AuditedHost& audited, const Setting& setting, const Value& live) {
  if (loads_late(setting, audited.host.snapshot)) return;
  const BootState& boot = audited.at_boot.at(setting.key);
  if (!boot.value || live == *boot.value || is_possible(boot, live)) return;
  audited.drifts.push_back({.setting = &setting, .live = live, .boot = *boot.value});
}

void look_at_live_values(AuditedHost& audited) {
  const bool drifts = may_drift(audited);
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::optional<Value> live = live_now(setting, audited.host);
    if (!live) continue;
    find_live_value(audited, setting, *live);
    if (drifts) find_drift(audited, setting, *live);
  }
}

std::set<std::string_view> guides_named_by(const Snapshot& snapshot) {
  std::set<std::string_view> guides;
  for (const BootFile& file : snapshot.boot_files) guides.merge(guides_named_in(file.bytes));
  return guides;
}

}  // namespace

AuditedHost audited_host(const HostView& host, const AuditContext& context) {
  const std::set<std::string_view> guides = guides_named_by(host.snapshot);
  const Loader other = host.loader == Loader::procps ? Loader::systemd : Loader::procps;
  const std::string_view by_other = other == Loader::procps ? " for `sysctl --system`" : " for systemd-sysctl";
  AuditedHost audited{.host = host,
                      .context = context,
                      .lines = {},
                      .later_lines = {},
                      .at_boot = {},
                      .boot = {.context = context, .guides = guides},
                      .to_come = {.context = context, .layer = " once booted so", .guides = guides},
                      .other_loader = {.context = context, .layer = std::string(by_other), .guides = guides},
                      .live = {.context = context, .layer = " (live)", .guides = guides}};
  if (host.boots) {
    for (const Setting& setting : settings(Os::linux_kernel)) judge_setting(audited, setting);
    find_values_to_come(audited);
    find_values_for(other, audited, audited.other_loader);
  }
  look_at_live_values(audited);
  return audited;
}

std::span<const Rule<AuditedHost>> host_rules() { return kHostRules; }

}  // namespace twctl
