#include "audit/host_view.hpp"

#include <algorithm>
#include <iterator>

#include "audit/judge_lines.hpp"
#include "plan/presence.hpp"

namespace twctl {
namespace {

// A file that is read through a link and by itself counts where it is read last.
BootFiles read_once(const BootConfig& config, Loader loader) {
  BootFiles order = files_in_order(all_files(config), loader);
  for (auto file = order.begin(); file != order.end();) {
    const auto same = [&](const BootConfig::File* later) { return edited_path(*later) == edited_path(**file); };
    file = std::any_of(std::next(file), order.end(), same) ? order.erase(file) : std::next(file);
  }
  return order;
}

void judge_setting(HostView& view, const LineSources& sources, const Setting& setting) {
  std::vector<JudgedLine> lines = judge_lines(setting, sources, view.context.default_of(setting).value_or(""));
  if (const std::optional<Lack> lack = lack_of(setting, view.snapshot); lack && !lack->module) {
    mark_not_there(lines, lack->note);
  }
  std::move(lines.begin(), lines.end(), std::back_inserter(view.lines));
}

void settle_boot(HostView& view) {
  for (const JudgedLine& line : view.lines) {
    const bool procps = view.loader == Loader::procps;
    if (!(procps ? line.in_force() : line.in_force_for_systemd())) continue;
    if (loads_late(*line.setting, view.snapshot)) continue;
    const std::optional<Value>& value = procps || !line.systemd_differs ? line.effective : line.effective_systemd;
    view.boot.said[line.setting->key] = {*value, line.where};
  }
}

void settle_live(HostView& view) {
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const LiveValue& live = live_value(setting, view.snapshot);
    if (live.state != LiveValue::State::present) continue;
    const Value value = canonical(setting, live.value);
    const std::optional<Value> usual = view.context.default_of(setting);
    const SettledValue* boot = view.boot.find(setting.key);
    const bool from_boot = boot != nullptr && boot->value == value;
    if (!from_boot && (!usual || *usual == value)) continue;
    view.live.said[setting.key] = {value, from_boot ? boot->where : Place{}};
  }
}

// Only what is about settings of ours: the files are asked for each of them.
BootConfig known_part(const BootConfig& config) {
  BootConfig known{.files = {},
                   .command_line = config.command_line,
                   .systemd_order = config.systemd_order,
                   .procps_order = config.procps_order};
  for (const BootConfig::File& file : config.files) {
    known.files.push_back({.path = file.path,
                           .link_target = file.link_target,
                           .problem = file.problem,
                           .systemd = known_lines(file.systemd, Loader::systemd),
                           .procps = known_lines(file.procps, Loader::procps)});
  }
  return known;
}

}  // namespace

HostView view_of(const Snapshot& snapshot, const AuditContext& context) {
  HostView view{.snapshot = snapshot,
                .context = context,
                .config = parse_boot_files(snapshot.boot_files),
                .loader = snapshot.host.loader == Loader::none ? Loader::systemd : snapshot.host.loader,
                .boots = snapshot.host.netns.empty(),
                .lines = {},
                .boot = {.context = context},
                .live = {.context = context, .layer = " (live)"}};
  if (view.boots) {
    const BootConfig known = known_part(view.config);
    const LineSources sources{.procps = read_once(known, Loader::procps),
                              .systemd = read_once(known, Loader::systemd),
                              .kernel = context.kernel()};
    for (const Setting& setting : settings(Os::linux_kernel)) judge_setting(view, sources, setting);
    settle_boot(view);
  }
  settle_live(view);
  return view;
}

}  // namespace twctl
