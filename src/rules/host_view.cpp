#include "rules/host_view.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "catalog/slips.hpp"
#include "rules/availability.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {

namespace {

// Why the kernel does not take it; "" if it does, or nobody can say.
std::string why_refused(const LaterWrite& write, const Snapshot& snapshot) {
  if (write.reads_all()) return {};
  const Setting* setting = find_setting(Os::linux_kernel, write.key);
  if (setting == nullptr) return has_old_conntrack_key(snapshot.host.kernel, write.key) ? "" : "it is no key";
  if (loads_late(*setting, snapshot)) return {};
  // A plan looks at the live values of its own keys only: what is not there may just not have been looked at.
  const bool looked_at = !snapshot.host.live || snapshot.live.contains(setting->key);
  const auto why =
      looked_at ? why_unavailable(*setting, snapshot) : why_unavailable_by_version(*setting, snapshot.host);
  if (why) return why->text;
  const std::optional<Value> usual = kernel_default(*setting, snapshot.host);
  const KernelOutcome outcome = kernel_takes(*setting, write.value, usual.value_or(""), snapshot.host.kernel);
  return write.value.empty() || outcome.value ? "" : outcome.note;
}

// Of one writer. A wildcard's or an unknown value's end nobody knows.
void leave_out_behind_ends(LaterWriter& writer, const Snapshot& snapshot, std::vector<ScriptEnd>& ends) {
  const auto may_end = [](const LaterWrite& write) { return write.ends > write.step; };
  if (std::none_of(writer.writes.begin(), writer.writes.end(), may_end)) return;
  std::vector<LaterWrite> run;
  const LaterWrite* end = nullptr;
  for (LaterWrite& write : writer.writes) {
    if (end != nullptr && write.step > end->step && write.step <= end->ends) {
      std::vector<std::string>& keys = ends.back().keys_left_out;
      if (!write.reads_all() && !is_one_of(write.key, keys)) keys.push_back(write.key);
      continue;
    }
    run.push_back(write);
    if (!may_end(write)) continue;
    if (std::string why = why_refused(write, snapshot); !why.empty()) {
      end = &write;
      ends.push_back({.writer = writer.name, .at = write, .why = std::move(why)});
    }
  }
  writer.writes = std::move(run);
}

}  // namespace

HostView view_of(const Snapshot& snapshot, std::string file) {
  HostView host{.snapshot = snapshot,
                .replay = {parse_boot_files(snapshot.boot_files), kernel_start(snapshot.host)},
                .loader = loader_or_systemd(snapshot.host),
                .boots = snapshot.host.netns.empty() && !is_application_container(snapshot.host),
                .file = std::move(file)};
  host.later_writers = snapshot.later_writers;
  for (LaterWriter& writer : host.later_writers) leave_out_behind_ends(writer, snapshot, host.script_ends);
  std::erase_if(host.script_ends, [](const ScriptEnd& end) { return end.keys_left_out.empty(); });
  host.file_read = !host.file.empty() && reads_file(host.replay.config, host.loader, host.file);
  return host;
}

bool is_application_container(const HostFacts& host) { return !host.container.empty() && host.loader == Loader::none; }

bool is_other_namespace(const HostFacts& host) {
  return host.live && !host.initial_network_namespace && host.container.empty() && host.netns.empty();
}

bool no_boot_file_sets(const HostFacts& host) { return !host.netns.empty() || is_other_namespace(host); }

std::optional<Value> live_now(const Setting& setting, const HostView& host) {
  const std::optional<Value> live = live_value(setting, host.snapshot).in_force();
  return live ? std::optional(canonical(setting, *live)) : std::nullopt;
}

// Each loader takes odd lines that the other does not.
std::optional<std::string> own_line(const Setting& setting, const HostView& host) {
  const Loader other = host.loader == Loader::procps ? Loader::systemd : Loader::procps;
  std::optional<std::string> value;
  for (const LineFate& one : host.replay.by(host.file_read ? host.loader : other).outcome(setting).lines) {
    if (one.line.where.file == host.file && one.line.key == setting.key) value = one.line.value;
  }
  return value;
}

bool has_own_line(const Setting& setting, const HostView& host) {
  const std::vector<BootLine> lines = host.replay.lines_for(setting);
  return std::any_of(lines.begin(), lines.end(),
                     [&](const BootLine& line) { return line.where.file == host.file && line.key == setting.key; });
}

}  // namespace twctl
