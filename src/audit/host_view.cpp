#include "audit/host_view.hpp"

#include <algorithm>
#include <iterator>

#include "audit/judge_lines.hpp"
#include "rules/availability.hpp"

namespace twctl {
namespace {

void judge_setting(HostView& view, const Setting& setting) {
  std::vector<JudgedLine> lines = judge_lines(setting, view.replay);
  const std::optional<Unavailable> why = why_unavailable(setting, view.snapshot);
  if (why && why->reason != Unavailable::Reason::module_not_loaded) {
    mark_not_there(lines, *why);
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

}  // namespace

HostView view_of(const Snapshot& snapshot, const AuditContext& context) {
  HostView view{.snapshot = snapshot,
                .context = context,
                .replay = {parse_boot_files(snapshot.boot_files), kernel_start(context.host())},
                .loader = snapshot.host.loader == Loader::none ? Loader::systemd : snapshot.host.loader,
                .boots = snapshot.host.netns.empty(),
                .lines = {},
                .boot = {.context = context},
                .live = {.context = context, .layer = " (live)"}};
  if (view.boots) {
    for (const Setting& setting : settings(Os::linux_kernel)) judge_setting(view, setting);
    settle_boot(view);
  }
  settle_live(view);
  return view;
}

}  // namespace twctl
