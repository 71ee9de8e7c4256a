#include "rules/host_view.hpp"

#include "rules/availability.hpp"

namespace twctl {

HostView view_of(const Snapshot& snapshot, std::string file) {
  HostView host{.snapshot = snapshot,
                .replay = {parse_boot_files(snapshot.boot_files), kernel_start(snapshot.host)},
                .loader = snapshot.host.loader == Loader::none ? Loader::systemd : snapshot.host.loader,
                .boots = snapshot.host.netns.empty() && !is_application_container(snapshot.host),
                .file = std::move(file)};
  host.file_read = !host.file.empty() && reads_file(host.replay.config, host.loader, host.file);
  return host;
}

bool is_application_container(const HostFacts& host) { return !host.container.empty() && host.loader == Loader::none; }

bool is_other_namespace(const HostFacts& host) {
  return host.live && !host.initial_network_namespace && host.container.empty() && host.netns.empty();
}

std::optional<Value> live_now(const Setting& setting, const HostView& host) {
  const std::optional<Value> live = live_value(setting, host.snapshot).in_force();
  return live ? std::optional(canonical(setting, *live)) : std::nullopt;
}

std::optional<std::string> own_line(const Setting& setting, const HostView& host) {
  std::optional<std::string> value;
  for (BootLine& line : host.replay.lines_for(setting)) {
    if (line.where.file == host.file && line.key == setting.key) value = std::move(line.value);
  }
  return value;
}

}  // namespace twctl
