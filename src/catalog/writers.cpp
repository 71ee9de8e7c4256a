// Who is looked at for values that boot files do not set: src/observe reads them, tests/unit/later_writers_test.cpp
// holds this list to what it finds, and explain and docs/contract.md tell it.
#include <array>
#include <string_view>

#include "catalog/finding.hpp"

namespace twctl {
namespace {

// Those who write at every boot after the boot files come first.
constexpr std::array<std::string_view, 27> kWriters{
    "systemd-sysctl: the credential sysctl.extra",
    "UFW: the file that IPT_SYSCTL names",
    "TuneD: the active profiles, with what they include",
    "systemd: ExecStart= of the units that a boot starts",
    "rc.local",
    "cron: lines of @reboot, and of every hour",
    "systemd: units with a condition, and those of timers, or of targets to which no boot comes",
    "TuneD: the profiles' scripts, and what depends on the machine",
    "cron: every other line",
    "interfaces: the commands of /etc/network/interfaces",
    "if-up.d",
    "NetworkManager: the scripts of its dispatcher",
    "networkd-dispatcher",
    "dhclient: its hooks",
    "local.d: the scripts of OpenRC",
    "boot.local",
    "Upstart: its jobs",
    "supervisord: command= of its programs",
    "profile.d: what a login runs",
    "init.d: the scripts of a runlevel",
    "tmpfiles.d",
    "udev: RUN and SYSCTL of its rules",
    "modprobe.d: install lines",
    "cloud-init: bootcmd, runcmd and its scripts",
    "kube-proxy, where a node shows that it runs",
    "Cilium, where a node shows that it runs",
    "GRUB, boot entry, kernel-install: sysctl.KEY=VALUE for a boot to come",
};
constexpr std::size_t kSureWriters = 6;

}  // namespace

std::span<const std::string_view> sure_writers() { return std::span(kWriters).first<kSureWriters>(); }

std::span<const std::string_view> possible_writers() { return std::span(kWriters).subspan<kSureWriters>(); }

std::span<const std::string_view> all_writers() { return kWriters; }

}  // namespace twctl
