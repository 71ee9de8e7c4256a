// What is true of the host as a whole. A value; filled by the platform, printed by report/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"

namespace twctl {

// Who reads sysctl files at boot here.
enum class Loader {
  none,     // no known one
  systemd,  // systemd-sysctl
  procps,   // sysctl --system
};

// Which directory a host's paths begin at, in the boot of the system that runs twctl. An unknown member is "".
struct HostRoot {
  bool running_system = true;  // false: it was named with --root
  std::string boot_id = {};    // of the kernel that runs, whatever lies below the directory
  std::string directory = {};  // its device and inode
  friend bool operator==(const HostRoot&, const HostRoot&) = default;
};

// The texts are as the kernel or a file has them, whatever bytes those are: escape() them where they are printed.
struct HostFacts {
  Os os = Os::linux_kernel;
  std::string hostname;
  std::string kernel_release;       // "6.1.0-30-cloud-amd64"
  KernelVersion kernel;             // {6, 1, 0}; {} if it could not be read
  std::string kernel_assumed = {};  // why it is taken as this one, where it could not: "the newest below /lib/modules"
  std::string distribution;         // os-release PRETTY_NAME; "" if unknown
  std::string boot_id;              // changes at every boot; "" if unknown
  std::string network_namespace;    // an identity that no other namespace of this boot has; "" if unknown
  bool namespace_has_cookie = false;  // that is one which no later namespace of this boot gets; no part of a snapshot
  bool initial_network_namespace = true;
  std::string netns;      // as asked for with --netns, whose boot files are not its own; "" for the caller's namespace
  std::string container;  // what says that this is a container ("docker", "lxc", ...); "" for none
  Loader loader = Loader::none;
  HostRoot root = {};              // of this run; no part of a snapshot
  std::string pid_namespace = {};  // the one whose processes this run sees; no part of a snapshot. "" if unknown
  bool live = true;                // false: there is no procfs here (an image below --root), only files
  bool in_chroot = false;          // of this run: process 1 has another root; no part of a snapshot
  // Of a root whose procfs shows this run's network namespace, and not its own: why nothing is live then. No part of a
  // snapshot.
  std::optional<Error> live_elsewhere = {};
  bool captured = false;  // the live values are copies in plain files (a captured host): read, never written
  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

class HostFiles;

// What few commands need is read from the host's files when it is needed.

// Entries of the hash table that this network namespace's TCP sockets are in; 0: not known (before Linux 6.1).
[[nodiscard]] std::int64_t tcp_hash_entries(HostFiles& files);

// What the boot loader handed to the kernel, raw; "" where it cannot be read.
[[nodiscard]] std::string kernel_command_line(HostFiles& files);

}  // namespace twctl
