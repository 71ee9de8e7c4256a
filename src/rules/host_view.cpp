#include "rules/host_view.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "rules/availability.hpp"

namespace twctl {
namespace {

BootState state_by(const Setting& setting, const HostView& host, Loader loader) {
  const BootOutcome& outcome = host.replay.by(loader).outcome(setting);
  BootState state{.value = outcome.value, .origin = outcome.decided_by, .notes = outcome.notes};
  if (!state.value) state.value = kernel_default(setting, host.snapshot.host);
  return state;
}

std::string wins(const Place& winner, std::string_view what, const HostView& host) {
  return fmt::format("{}:{} {} and wins over {}", escape(winner.file), winner.line, what, escape(host.file));
}

}  // namespace

HostView view_of(const Snapshot& snapshot, std::string file) {
  HostView host{.snapshot = snapshot,
                .replay = {parse_boot_files(snapshot.boot_files), kernel_start(snapshot.host)},
                .loader = snapshot.host.loader == Loader::none ? Loader::systemd : snapshot.host.loader,
                .boots = snapshot.host.netns.empty(),
                .file = std::move(file)};
  host.file_read = reads_file(host.replay.config, host.loader, host.file);
  return host;
}

std::optional<Value> live_now(const Setting& setting, const HostView& host) {
  const std::optional<Value> live = live_value(setting, host.snapshot).in_force();
  return live ? std::optional(canonical(setting, *live)) : std::nullopt;
}

BootState boot_state(const Setting& setting, const HostView& host) {
  if (loads_late(setting, host.snapshot)) return {.value = kernel_default(setting, host.snapshot.host)};
  return state_by(setting, host, host.loader);
}

std::optional<Value> procps_differs(const Setting& setting, const HostView& host, const std::optional<Value>& value) {
  if (host.loader == Loader::procps || loads_late(setting, host.snapshot)) return std::nullopt;
  std::optional<Value> other = state_by(setting, host, Loader::procps).value;
  return other == value ? std::nullopt : other;
}

std::optional<std::string> own_line(const Setting& setting, const HostView& host) {
  std::optional<std::string> value;
  for (BootLine& line : host.replay.lines_for(setting)) {
    if (line.where.file == host.file && line.key == setting.key) value = std::move(line.value);
  }
  return value;
}

std::string shadowed_by(const Setting& setting, const HostView& host, const Value& value) {
  const BootOutcome then = host.replay.by(host.loader).outcome_with(setting, {host.file, value});
  if (then.value == value) return {};
  if (then.excluded_by && then.excluded_by->file != host.file) return wins(*then.excluded_by, "excludes it", host);
  if (then.refused_at && then.refused_at->file != host.file) {
    return wins(*then.refused_at, "sets a value that the kernel refuses", host);
  }
  if (then.value && then.decided_by) {
    return wins(*then.decided_by, "sets " + escape(*then.value), host);
  }
  return fmt::format("another boot file wins over {}{}{}", escape(host.file), then.notes.empty() ? "" : ": ",
                     then.notes.empty() ? "" : then.notes.back());
}

}  // namespace twctl
