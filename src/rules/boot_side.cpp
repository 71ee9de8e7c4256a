#include "rules/boot_side.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "rules/availability.hpp"

namespace twctl {
namespace {

BootState state_by(const Setting& setting, const BootSide& side, Loader loader) {
  const BootOutcome& outcome = side.replay.by(loader).outcome(setting);
  BootState state{.value = outcome.value, .origin = outcome.decided_by, .notes = outcome.notes};
  if (!state.value) state.value = kernel_default(setting, side.snapshot.host);
  return state;
}

std::string wins(const Place& winner, std::string_view what, const BootSide& side) {
  return fmt::format("{}:{} {} and wins over {}", escape(winner.file), winner.line, what, escape(side.file));
}

}  // namespace

BootSide make_boot_side(const Snapshot& snapshot, std::string file) {
  BootSide side{.snapshot = snapshot,
                .replay = {parse_boot_files(snapshot.boot_files), kernel_start(snapshot.host)},
                .loader = snapshot.host.loader == Loader::none ? Loader::systemd : snapshot.host.loader,
                .file = std::move(file)};
  side.file_read = reads_file(side.replay.config, side.loader, side.file);
  return side;
}

BootState boot_state(const Setting& setting, const BootSide& side) {
  if (loads_late(setting, side.snapshot)) return {.value = kernel_default(setting, side.snapshot.host)};
  return state_by(setting, side, side.loader);
}

std::optional<Value> procps_differs(const Setting& setting, const BootSide& side, const std::optional<Value>& value) {
  if (side.loader == Loader::procps || loads_late(setting, side.snapshot)) return std::nullopt;
  std::optional<Value> other = state_by(setting, side, Loader::procps).value;
  return other == value ? std::nullopt : other;
}

std::optional<std::string> own_line(const Setting& setting, const BootSide& side) {
  std::optional<std::string> value;
  for (BootLine& line : side.replay.lines_for(setting)) {
    if (line.where.file == side.file && line.key == setting.key) value = std::move(line.value);
  }
  return value;
}

std::string shadowed_by(const Setting& setting, const BootSide& side, const Value& value) {
  const BootOutcome then = side.replay.by(side.loader).outcome_with(setting, {side.file, value});
  if (then.value == value) return {};
  if (then.excluded_by && then.excluded_by->file != side.file) return wins(*then.excluded_by, "excludes it", side);
  if (then.refused_at && then.refused_at->file != side.file) {
    return wins(*then.refused_at, "sets a value that the kernel refuses", side);
  }
  if (then.value && then.decided_by) {
    return wins(*then.decided_by, "sets " + escape(*then.value), side);
  }
  return fmt::format("another boot file wins over {}{}{}", escape(side.file), then.notes.empty() ? "" : ": ",
                     then.notes.empty() ? "" : then.notes.back());
}

}  // namespace twctl
