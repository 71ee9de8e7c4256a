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
Init init_named(std::string_view name) {
  if (name == "systemd") return Init::systemd;
  return name == "init" || name == "openrc-init" ? Init::traditional : Init::none;
}

// An image may have no /sbin/init (one written by hand for a test): then what else is installed has to tell.
Init installed_init(HostFiles& files) {
  const auto link = files.link_target("/sbin/init");
  if (link) return link->find("systemd") != std::string::npos ? Init::systemd : Init::traditional;
  if (files.exists("/sbin/init")) return Init::traditional;
  return has_systemd_sysctl(files) ? Init::systemd : Init::traditional;
}

Init find_init(HostFiles& files) {
  if (files.exists("/run/systemd/system")) return Init::systemd;  // sd_booted(3)
  const auto name = files.read("/proc/1/comm", 64);
  return name && *name ? init_named(trim(**name)) : installed_init(files);
}

}  // namespace

Loader find_loader(HostFiles& files) {
  switch (find_init(files)) {
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
