// The seam between twctl and an operating system: no OS header and no #ifdef on this side of it.
// tests/support has one in memory; platform/linux and platform/windows have the real ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/deadline_timers.hpp"
#include "platform/durable_store.hpp"
#include "platform/host_facts.hpp"
#include "platform/host_files.hpp"
#include "platform/run_facts.hpp"
#include "platform/setting_store.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

struct OtherNamespaces {
  int count = 0;
  bool complete = true;  // false: not every process was looked at, so there may be more
  friend bool operator==(const OtherNamespaces&, const OtherNamespaces&) = default;
};

inline constexpr std::size_t kEveryProcess = std::numeric_limits<std::size_t>::max();

// What only some plans need, and what costs time to gather, is asked for by itself.
class Platform {
 public:
  Platform() = default;
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
  virtual ~Platform() = default;

  // Error: unsupported (the running system has no procfs; what needs no host works there all the same).
  [[nodiscard]] virtual Result<HostFacts> host_facts() = 0;
  [[nodiscard]] virtual SettingStore& settings() = 0;
  [[nodiscard]] virtual HostFiles& files() = 0;

  // Entries of the hash table that this network namespace's TCP sockets are in; 0: not known (before Linux 6.1).
  [[nodiscard]] virtual std::int64_t tcp_hash_entries() = 0;

  // What the boot loader handed to the kernel, raw; "" where it cannot be read.
  [[nodiscard]] virtual std::string kernel_command_line() = 0;

  // Local ports of listening TCP sockets in this network namespace, sorted, without duplicates.
  [[nodiscard]] virtual Result<std::vector<int>> listening_ports() = 0;

  // The TCP sockets of this network namespace.
  [[nodiscard]] virtual SocketSource& sockets() = 0;

  // The other network namespaces that processes are in, as far as the rights go. Each process costs a system call, so
  // no more than `most_processes` are looked at.
  [[nodiscard]] virtual OtherNamespaces other_network_namespaces(std::size_t most_processes) = 0;

  [[nodiscard]] virtual bool is_superuser() = 0;

  [[nodiscard]] virtual StateStore& state() = 0;
  [[nodiscard]] virtual BootFileStore& boot_files() = 0;
  [[nodiscard]] virtual DeadlineTimers& timers() = 0;

  // Who runs this, when.
  [[nodiscard]] virtual RunFacts run_facts() = 0;

  // 128 random bits as 32 hexadecimal digits. Error: failed.
  [[nodiscard]] virtual Result<std::string> random_id() = 0;

  // Whether a network namespace of that identity (HostFacts::network_namespace) can still be found on this host.
  [[nodiscard]] virtual bool namespace_exists(const std::string& identity) = 0;

  // Whether SIGINT, SIGTERM or SIGHUP has come since catch_interrupts().
  [[nodiscard]] virtual bool interrupted() = 0;
  virtual void catch_interrupts() = 0;

  // One line to the system's log. Best effort.
  virtual void log(const std::string& line) = 0;
};

// Which host the platform speaks for.
struct HostChoice {
  std::string root = "/";  // --root
  std::string netns;       // --netns: a name below /run/netns or a path; "" for the caller's own
};

// The real one; with `netns` the whole process enters it. Error: denied, no_input (no such root or namespace).
[[nodiscard]] Result<std::unique_ptr<Platform>> make_platform(const HostChoice& choice);

// Before anything else: descriptors 0 to 2 open, umask 077, SIGPIPE and SIGXFSZ ignored (docs/safety.md, "What it opens
// and trusts").
void prepare_process();

// What the program was started with, as UTF-8 where the system has characters, without its own name.
[[nodiscard]] std::vector<std::string> program_arguments(int count, char** arguments);

}  // namespace twctl
