#include "rules/verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "rules/availability.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

bool is_unset(const Entry& entry) { return entry.wanted.op == Operator::unset; }

bool satisfies(const Entry& entry, const std::optional<Value>& value) {
  return satisfied(*entry.setting, entry.wanted, value);
}

LayerVerdict judge_unavailable(const Unavailable& why) {
  const bool removed = why.reason == Unavailable::Reason::removed;
  return {removed ? Verdict::removed : Verdict::unsupported, why.text};
}

std::string why_read_only(const Setting& setting, const HostFacts& host) {
  if (setting.reach == Reach::host_wide_shown_read_only && !host.initial_network_namespace) {
    return "host-wide: set it on the host";
  }
  if (!host.container.empty()) return fmt::format("read-only in this container ({})", escape(host.container));
  return "read-only here";
}

// Of one write(2) the kernel takes a page without its last byte (Linux 6.18 kernel/sysctl.c, proc_do_large_bitmap());
// what comes in a second one is in force after the first one has been, and lost where the second does not come.
constexpr std::size_t kLongestWrite = 4095;
bool is_too_long(const std::optional<Value>& value) { return value && value->size() + 1 > kLongestWrite; }

LayerVerdict judge_live(const Entry& entry, const std::optional<Unavailable>& unavailable, const Snapshot& snapshot) {
  if (is_unset(entry)) return {Verdict::ok, "the live value stays"};
  if (unavailable) return judge_unavailable(*unavailable);
  const LiveValue& live = live_value(*entry.setting, snapshot);
  if (live.state != LiveValue::State::present) return {Verdict::read_only, "cannot be read: " + live.problem};
  if (satisfies(entry, live.value)) return {};
  if (live.read_only) return {Verdict::read_only, why_read_only(*entry.setting, snapshot.host)};
  if (is_too_long(live.value) || is_too_long(value_to_write(*entry.setting, entry.wanted, live.value))) {
    return {Verdict::unsupported, fmt::format("its list is longer than the {} bytes that the kernel takes at once, so "
                                              "that it could not be put back whole",
                                              kLongestWrite)};
  }
  return {Verdict::change, {}};
}

// The registry: a value that is not there can be made, and one that is not wanted taken away.
LayerVerdict judge_registry(const Entry& entry, const LiveValue& live) {
  const bool absent = live.state == LiveValue::State::absent;
  if (!absent && live.state != LiveValue::State::present) {
    return {Verdict::read_only, "cannot be read: " + live.problem};
  }
  if (satisfies(entry, absent ? std::nullopt : std::optional(live.value))) return {};
  if (live.read_only) return {Verdict::read_only, "the registry key lets nobody write it here"};
  return {Verdict::change, {}};
}

// The kernel would read the line as this value ("0x1e" is 30).
bool line_says(const Setting& setting, const std::optional<std::string>& line, const Value& value) {
  return line && kernel_takes(setting, *line, value).value == value && canonical(setting, *line) == value;
}

// Where the default depends on memory, what is live and satisfies is kept: N of ">= N" could be lower than it.
std::optional<Value> boot_target(const PlannedSetting& planned) {
  if (!planned.boot && satisfies(planned.entry, planned.live)) return planned.live;
  return value_to_write(*planned.setting, planned.entry.wanted, planned.boot);
}

LayerVerdict judge_unset(const Setting& setting, const HostView& host) {
  if (has_own_line(setting, host)) return {Verdict::change, fmt::format("its line leaves {}", escape(host.file))};
  return {Verdict::ok, fmt::format("{} has no line for it", escape(host.file))};
}

// For a boot value that is not as wanted: whether a line of ours would make it so.
LayerVerdict judge_line(const Setting& setting, const HostView& host, const Value& target) {
  if (!host.file_read) return {Verdict::change, fmt::format("{} is not read at boot here", escape(host.file))};
  if (Shadow shadow = shadowed_by(setting, host, target); !shadow.why.empty()) {
    return {Verdict::shadowed, std::move(shadow.why), shadow.later, std::move(shadow.by)};
  }
  if (loads_late(setting, host.snapshot)) {
    return {Verdict::change, fmt::format("the module {} is loaded after the boot files are read", setting.module)};
  }
  return {Verdict::change, {}};
}

bool may_come(const Unavailable& why) { return why.reason == Unavailable::Reason::module_not_loaded; }

LayerVerdict judge_boot(const PlannedSetting& planned, const std::optional<Unavailable>& unavailable,
                        const HostView& host) {
  if (is_unset(planned.entry)) return judge_unset(*planned.setting, host);
  if (unavailable && !may_come(*unavailable)) return judge_unavailable(*unavailable);
  if (satisfies(planned.entry, planned.boot)) return {};
  LayerVerdict verdict = judge_line(*planned.setting, host, *boot_target(planned));
  if (!planned.boot && verdict.note.empty()) {
    const bool computed = !planned.setting->default_formula.empty();
    verdict.note = computed ? "no line in force sets it, and the kernel works its default out when it boots"
                            : "no line in force sets it, and its default is not known";
  }
  return verdict;
}

bool needs_writing(Verdict verdict) { return verdict == Verdict::change || verdict == Verdict::shadowed; }

void add_live_write(PlannedSetting& planned) {
  if (!planned.live_verdict || planned.live_verdict->verdict != Verdict::change) return;
  planned.writes.push_back({.layer = Layer::live,
                            .before = planned.live,
                            .after = value_to_write(*planned.setting, planned.entry.wanted, planned.live)});
}

// Whoever knows TuneD asks whether its profile does not win.
void note_who_gives_way(PlannedSetting& planned, const HostView& host) {
  for (const LaterWriter& writer : host.later_writers) {
    const bool writes = std::any_of(writer.writes.begin(), writer.writes.end(), [&](const LaterWrite& write) {
      return write.key == planned.setting->key && write.where == planned.boot_origin;
    });
    if (!writes || !writer.boot_files_win) continue;
    planned.boot_notes.push_back(fmt::format(
        "{} applies the files of /etc/sysctl.d once more after its own values (reapply_sysctl = 1), so that "
        "{} wins over {}",
        writer.name, escape(host.file), place_text(*planned.boot_origin)));
  }
}

// Our own file may have the line already, and something else keeps it from deciding: then there is nothing to write,
// unless it is the place of the line.
void add_boot_write(PlannedSetting& planned, const HostView& host) {
  if (!planned.boot_verdict || !needs_writing(planned.boot_verdict->verdict)) return;
  const std::optional<std::string> line = own_line(*planned.setting, host);
  const std::optional<Value> after = is_unset(planned.entry) ? std::nullopt : boot_target(planned);
  if (after && line_says(*planned.setting, line, *after) && refused_at_boot(*planned.setting, host).empty()) return;
  planned.writes.push_back({.layer = Layer::boot, .before = line, .after = after});
  if (after && planned.boot_verdict->verdict == Verdict::change) note_who_gives_way(planned, host);
  if (!host.later_writers.empty()) {
    planned.boot_perhaps = boot_state_with(*planned.setting, host, {.file = host.file, .value = after}).perhaps;
  }
}

// What the setting becomes: by the first layer that is not as wanted, else what it is.
std::optional<Value> resolve(const PlannedSetting& planned) {
  if (is_unset(planned.entry)) return std::nullopt;
  if (planned.live_verdict && planned.live && !satisfies(planned.entry, planned.live)) {
    return value_to_write(*planned.setting, planned.entry.wanted, planned.live);
  }
  if (planned.boot_verdict && !satisfies(planned.entry, planned.boot)) return boot_target(planned);
  return planned.live_verdict && planned.live ? planned.live : planned.boot;
}

bool skips(const Entry& entry, const std::optional<Unavailable>& unavailable) {
  const bool removed = unavailable && unavailable->reason == Unavailable::Reason::removed;
  return unavailable && !is_unset(entry) && (entry.optional || removed);
}

void look_at_boot(PlannedSetting& planned, const HostView& host) {
  BootState state = boot_state(*planned.setting, host);
  planned.boot = std::move(state.value);
  planned.boot_origin = std::move(state.origin);
  planned.boot_writer = std::move(state.writer);
  planned.boot_perhaps = std::move(state.perhaps);
  planned.boot_procps = procps_differs(*planned.setting, host, planned.boot);
  planned.boot_notes = std::move(state.notes);
}

}  // namespace

Verdict PlannedSetting::verdict() const {
  const Verdict live_one = live_verdict ? live_verdict->verdict : Verdict::ok;
  const Verdict boot_one = boot_verdict ? boot_verdict->verdict : Verdict::ok;
  return std::max(live_one, boot_one);
}

const Write* PlannedSetting::write_in(Layer layer) const {
  const auto found = std::find_if(writes.begin(), writes.end(), [&](const Write& one) { return one.layer == layer; });
  return found == writes.end() ? nullptr : &*found;
}

PlannedSetting plan_registry_value(const Entry& entry, const Snapshot& snapshot) {
  PlannedSetting planned{.setting = entry.setting, .entry = entry};
  const LiveValue& live = live_value(*entry.setting, snapshot);
  planned.live = live.in_force();
  planned.live_verdict = judge_registry(entry, live);
  planned.denied = live.state == LiveValue::State::denied || live.read_only;
  const bool as_wanted = satisfies(entry, planned.live);
  planned.desired = as_wanted ? planned.live : value_to_write(*entry.setting, entry.wanted, planned.live);
  add_live_write(planned);
  return planned;
}

PlannedSetting plan_setting(const Entry& entry, const HostView& host, Scope scope) {
  PlannedSetting planned{.setting = entry.setting, .entry = entry};
  const std::optional<Unavailable> unavailable = why_unavailable(*entry.setting, host.snapshot);
  planned.live = live_value(*entry.setting, host.snapshot).in_force();
  const bool has_boot_value = host.snapshot.host.netns.empty() && (!unavailable || may_come(*unavailable));
  if (has_boot_value) look_at_boot(planned, host);
  if (scope != Scope::boot) planned.live_verdict = judge_live(entry, unavailable, host.snapshot);
  if (scope != Scope::live) planned.boot_verdict = judge_boot(planned, unavailable, host);
  planned.desired = resolve(planned);
  planned.skipped = skips(entry, unavailable);
  if (planned.skipped) return planned;
  add_live_write(planned);
  add_boot_write(planned, host);
  return planned;
}

}  // namespace twctl
