#include "platform/linux/loader.hpp"

#include "base/text.hpp"

namespace twctl {
namespace {

enum class Init { systemd, traditional, none };

constexpr std::string_view kUnitMask = "/etc/systemd/system/systemd-sysctl.service";

bool has_systemd_sysctl(HostFiles& files) {
  if (files.link_target(kUnitMask) == "/dev/null") return false;
  return files.exists("/usr/lib/systemd/systemd-sysctl") || files.exists("/lib/systemd/systemd-sysctl");
}

// Debian's and Devuan's script, and OpenRC's: both run `sysctl --system`.
bool has_init_script(HostFiles& files) {
  return files.exists("/etc/init.d/procps") || files.exists("/etc/init.d/sysctl");
}

// A container's process 1 is its application (or a tini): nothing then reads files at boot, whatever is installed.
Init running_init(HostFiles& files) {
  const auto name = files.read("/proc/1/comm", 64);
  if (!name || !*name) return Init::none;
  const std::string_view comm = trim(**name);
  return comm == "init" || comm == "openrc-init" ? Init::traditional : Init::none;
}

// A captured host may come without /sbin/init: then what is installed has to tell.
Init installed_init(HostFiles& files) {
  const auto link = files.link_target("/sbin/init");
  if (link) return link->find("systemd") != std::string::npos ? Init::systemd : Init::traditional;
  if (files.exists("/sbin/init")) return Init::traditional;
  return has_systemd_sysctl(files) ? Init::systemd : Init::traditional;
}

Init find_init(HostFiles& files, HostState state) {
  if (files.exists("/run/systemd/system")) return Init::systemd;  // sd_booted(3)
  return state == HostState::running ? running_init(files) : installed_init(files);
}

}  // namespace

Loader find_loader(HostFiles& files, HostState state) {
  switch (find_init(files, state)) {
    case Init::systemd:
      return has_systemd_sysctl(files) ? Loader::systemd : Loader::none;
    case Init::traditional:
      return has_init_script(files) ? Loader::procps : Loader::none;
    case Init::none:
      break;
  }
  return Loader::none;
}

}  // namespace twctl
