#include "platform/linux/surroundings.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "platform/linux/network_namespace.hpp"

namespace twctl {
namespace {

constexpr std::string_view kPidNamespace = "/proc/self/ns/pid";

bool path_unit_is_in(HostFiles& files, std::span<const std::string_view> folders) {
  return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) {
    return files.exists(std::string(folder) + "/twctl-deadline.path");
  });
}

// Whether the unit runs cannot be seen without asking systemd over D-Bus; whether it is enabled can.
bool path_unit_is_enabled(HostFiles& files) {
  constexpr std::array<std::string_view, 4> kWanted{
      "/etc/systemd/system/multi-user.target.wants", "/etc/systemd/system/paths.target.wants",
      "/usr/lib/systemd/system/multi-user.target.wants", "/usr/lib/systemd/system/paths.target.wants"};
  return path_unit_is_in(files, kWanted);
}

bool path_unit_is_installed(HostFiles& files) { return path_unit_is_in(files, kUnitFolders); }

// Inits that do not end with a session or a main program, as docker-init, tini and dumb-init do. OpenRC and sysvinit
// are both run by one whose name says little.
bool outlives_sessions(HostFiles& files, std::string_view init) {
  constexpr std::array<std::string_view, 5> kNames{"systemd", "openrc-init", "s6-svscan", "runit", "runit-init"};
  if (std::find(kNames.begin(), kNames.end(), init) != kNames.end()) return true;
  return init == "init" && (files.exists("/run/openrc") || files.exists("/run/initctl"));
}

std::optional<std::string> find_mortal_init(HostFiles& files) {
  if (!files.link_target(kPidNamespace) || in_initial_pid_namespace(files)) return std::nullopt;
  if (!proc_is_of_own_namespace(files)) return "";
  const std::string comm = text_of(files, "/proc/1/comm");
  const std::string name(trim(comm));
  return outlives_sessions(files, name) ? std::nullopt : std::optional(name);
}

// The path in the hierarchy that systemd keeps its units in: the only one, or the one of that name (cgroups(7)).
std::string unit_path(HostFiles& files, const std::string& process) {
  const std::string cgroups = text_of(files, "/proc/" + process + "/cgroup");
  std::string path;
  for (const std::string_view line : split(cgroups, '\n')) {
    for (const std::string_view hierarchy : {"0::", ":name=systemd:"}) {
      const std::size_t found = line.find(hierarchy);
      if (found != std::string_view::npos && path.size() < 2) path = line.substr(found + hierarchy.size());
    }
  }
  return path;
}

// The outermost service, because its end is that of all in it, whatever their own unit is; else the innermost scope.
// systemd's own path is where its units begin: a container that shares the host's view has the host's above it.
std::string find_unit(HostFiles& files) {
  constexpr std::string_view kOwn = "/init.scope";
  std::string root = unit_path(files, "1");
  if (root.ends_with(kOwn)) root.resize(root.size() - kOwn.size());
  const std::string path = unit_path(files, "self");
  std::string unit;
  for (const std::string_view part :
       split(std::string_view(path).substr(path.starts_with(root) ? root.size() : 0), '/')) {
    if (part.ends_with(".service")) return std::string(part);
    if (part.ends_with(".scope")) unit = part;
  }
  return unit;
}

}  // namespace

// The line "NSpid:" of proc(5) has one number for each pid namespace from that of the mounted /proc down to the
// process's own. With more than one, /proc/1 is another namespace's process 1.
bool proc_is_of_own_namespace(HostFiles& files) {
  constexpr std::string_view kName = "NSpid:";
  const std::string status = text_of(files, "/proc/self/status");
  for (const std::string_view line : split(status, '\n')) {
    if (!line.starts_with(kName)) continue;
    return trim(line.substr(kName.size())).find_first_of(" \t") == std::string_view::npos;
  }
  return false;
}

bool in_initial_pid_namespace(HostFiles& files) { return files.link_target(kPidNamespace) == kInitialPidNamespace; }

DeadlineTimers::Surroundings find_surroundings(HostFiles& files, bool own_boot) {
  DeadlineTimers::Surroundings around{.mortal_init = find_mortal_init(files)};
  if (!files.exists("/run/systemd/system")) return around;  // sd_booted(3)
  around.path_unit_enabled = own_boot && path_unit_is_enabled(files);
  around.path_unit_installed = own_boot && path_unit_is_installed(files);
  around.unit = find_unit(files);
  return around;
}

}  // namespace twctl
