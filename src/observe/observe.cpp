#include "observe/observe.hpp"

#include <algorithm>

#include "observe/boot_files.hpp"
#include "observe/boot_modules.hpp"
#include "observe/possible_kernels.hpp"
#include "observe/writers/later_writers.hpp"
#include "sysctl/boot_limits.hpp"

namespace twctl {
namespace {

using LiveValues = std::map<std::string, LiveValue, std::less<>>;

Result<LiveValues> read_live_values(SettingStore& store, const std::vector<const Setting*>& settings, Os os) {
  LiveValues values;
  for (const Setting* setting : settings) {
    if (setting->os != os) continue;
    TRY(LiveValue value, store.read(*setting));
    values.emplace(setting->key, std::move(value));
  }
  return values;
}

// Their lists are long, so they are read only for settings that wait for a module.
std::vector<std::string> modules_of(const std::vector<const Setting*>& settings) {
  std::vector<std::string> modules;
  for (const Setting* setting : settings) {
    if (setting->module.empty()) continue;
    if (std::find(modules.begin(), modules.end(), setting->module) == modules.end()) {
      modules.emplace_back(setting->module);
    }
  }
  return modules;
}

// The kernel writes the initial namespace's values, and only that one's.
bool reads_sysctl_parameters(const HostFacts& host) {
  const bool new_enough = host.kernel == KernelVersion{} || host.kernel >= kReadsSysctlParameters;
  return new_enough && host.initial_network_namespace && host.container.empty();
}

void add_command_line(Snapshot& snapshot, Platform& platform) {
  if (!reads_sysctl_parameters(snapshot.host)) return;
  std::string text = kernel_command_line(platform.files());
  const AssignmentFile said = read_command_line(text);
  if (said.assignments.empty() && said.bad_lines.empty()) return;
  snapshot.boot_files.push_back({.path = std::string(kKernelCommandLine), .bytes = std::move(text)});
}

// What the next boot of a Linux host reads and runs. Windows has none of it.
Result<void> add_boot_side(Snapshot& snapshot, Platform& platform, const ObserveRequest& request) {
  HostFiles& files = platform.files();
  TRY(snapshot.boot_files, read_boot_files(files));
  add_command_line(snapshot, platform);
  TRY(snapshot.later_writers, find_later_writers(files, snapshot.host.loader));
  if (reads_sysctl_parameters(snapshot.host)) {
    TRY(std::vector<LaterWriter> told, find_boot_parameters(files));
    for (LaterWriter& writer : told) snapshot.later_writers.push_back(std::move(writer));
  }
  const std::vector<std::string> modules = modules_of(request.settings);
  if (!modules.empty()) snapshot.boot_modules = find_boot_modules(files, snapshot.host.kernel_release, modules);
  return {};
}

// Sorted, without duplicates, of IPv4 and IPv6. Listeners lie in a table of their own: the many other sockets are not
// walked.
Result<std::vector<int>> find_listening_ports(SocketSource& sockets) {
  std::vector<int> ports;
  const SocketSink sink{.restart = [&] { ports.clear(); },
                        .take =
                            [&](std::span<const Socket> piece) {
                              for (const Socket& socket : piece) ports.push_back(socket.local_port);
                            }};
  TRY_VOID(sockets.dump({.states = {TcpState::listen}}, sink));
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

}  // namespace

ObserveRequest everything(Os os) {
  const bool linux_kernel = os == Os::linux_kernel;
  ObserveRequest request{.settings = {},
                         .strays = os == Os::windows,
                         .tcp_hash_entries = linux_kernel,
                         .listening_ports = linux_kernel,
                         .other_namespaces = linux_kernel};
  for (const Setting& setting : settings(os)) request.settings.push_back(&setting);
  return request;
}

Result<Snapshot> observe(Platform& platform, const ObserveRequest& request) {
  Snapshot snapshot;
  TRY(snapshot.host, platform.host_facts());
  if (!request.boot_alone) TRY_VOID(check_live_here(snapshot.host));
  snapshot.host.live_elsewhere.reset();
  snapshot.host.root = {};  // where the host lies is not of the host, nor what this run sees of it
  snapshot.host.pid_namespace.clear();
  if (request.likely_kernel && snapshot.host.kernel == KernelVersion{}) {
    snapshot.host = with_likely_kernel(snapshot.host, installed_kernels(platform.files()));
  }
  if (snapshot.host.live) {
    if (request.strays) snapshot.strays = platform.settings().strays();
    TRY(snapshot.live, read_live_values(platform.settings(), request.settings, snapshot.host.os));
  }
  if (snapshot.host.os == Os::linux_kernel) TRY_VOID(add_boot_side(snapshot, platform, request));
  TRY_VOID(platform.files().check_listed());
  TRY_VOID(check_boot_limits(snapshot.boot_files));
  TRY_VOID(check_later_limits(snapshot.later_writers));
  if (request.tcp_hash_entries) snapshot.tcp_hash_entries = tcp_hash_entries(platform.files());
  if (request.listening_ports && snapshot.host.live && !snapshot.host.captured) {
    TRY(snapshot.listening_ports, find_listening_ports(platform.sockets()));
  }
  if (request.other_namespaces) snapshot.other_namespaces = platform.other_network_namespaces(kEveryProcess).count;
  return snapshot;
}

Result<void> check_live_here(const HostFacts& facts) {
  return facts.live_elsewhere ? fail(*facts.live_elsewhere) : Result<void>();
}

Result<void> check_identified(const HostFacts& facts) {
  const bool running = facts.os == Os::linux_kernel && facts.live && !facts.captured;
  if (!running || (!facts.boot_id.empty() && !facts.network_namespace.empty())) return {};
  return fail(ErrorCode::failed, "it cannot be told which boot and network namespace this is",
              "see whether /proc/sys/kernel/random/boot_id and /proc/self/ns/net can be read");
}

}  // namespace twctl
