// The seam between twctl and an operating system: no OS header and no #ifdef on this side of it.
// tests/support has one in memory; platform/linux and platform/windows have the real ones.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/boot_file_store.hpp"
#include "platform/deadline_timers.hpp"
#include "platform/host_facts.hpp"
#include "platform/host_files.hpp"
#include "platform/run.hpp"
#include "platform/setting_store.hpp"
#include "platform/socket_source.hpp"
#include "platform/state_store.hpp"

namespace twctl {

struct OtherNamespaces {
  int count = 0;
  bool complete = true;  // false: not every process was looked at, or let itself be, so there may be more
  friend bool operator==(const OtherNamespaces&, const OtherNamespaces&) = default;
};

// A network namespace that processes are in.
struct InhabitedNamespace {
  std::string netns;    // as --netns takes it: a name below /run/netns, else a process number; "" for the caller's own
  int pid = 0;          // of the oldest process in it, by its number
  std::string process;  // its name; raw
  int processes = 0;
  friend bool operator==(const InhabitedNamespace&, const InhabitedNamespace&) = default;
};
struct InhabitedNamespaces {
  std::vector<InhabitedNamespace> all;  // the caller's own first, then by process number
  int hidden = 0;                       // processes that could not be looked into
};

class LoadBench;

inline constexpr std::size_t kEveryProcess = std::numeric_limits<std::size_t>::max();

// What a platform is made of. Each lives as long as the platform.
struct PlatformParts {
  Run& run;
  SettingStore& settings;
  HostFiles& files;
  SocketSource& sockets;  // the TCP sockets of this network namespace
  StateStore& state;
  BootFileStore& boot_files;
  DeadlineTimers& timers;
  LoadBench* load_bench = nullptr;  // on a system that has none
};

// A host, and the run of twctl on it.
class Platform {
 public:
  explicit Platform(const PlatformParts& parts) : parts_(parts) {}
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
  virtual ~Platform() = default;

  [[nodiscard]] const PlatformParts& parts() const { return parts_; }
  [[nodiscard]] Run& run() { return parts_.run; }
  [[nodiscard]] SettingStore& settings() { return parts_.settings; }
  [[nodiscard]] HostFiles& files() { return parts_.files; }
  [[nodiscard]] SocketSource& sockets() { return parts_.sockets; }
  [[nodiscard]] StateStore& state() { return parts_.state; }
  [[nodiscard]] BootFileStore& boot_files() { return parts_.boot_files; }
  [[nodiscard]] DeadlineTimers& timers() { return parts_.timers; }
  // Measures loads in network namespaces of their own; nullptr on a system that has none.
  [[nodiscard]] LoadBench* load_bench() { return parts_.load_bench; }

  // Gathered once: they do not change under a run. Error: unsupported (the running system has no procfs; what needs no
  // host works there all the same).
  [[nodiscard]] virtual Result<HostFacts> host_facts() = 0;

  // The other network namespaces that processes are in, as far as the rights go. Each process costs a system call, so
  // no more than `most_processes` are looked at.
  [[nodiscard]] virtual OtherNamespaces other_network_namespaces(std::size_t most_processes) = 0;

  // Every network namespace that processes are in, as far as the rights go. On a system that has none, or of an image:
  // the one that it has.
  [[nodiscard]] virtual InhabitedNamespaces inhabited_namespaces() { return {.all = {InhabitedNamespace{}}}; }

  // Where a network namespace of that identity (HostFacts::network_namespace) can still be found on this host: what
  // --netns takes, "" where it cannot be told: for want of rights, or because it was known in the initial PID
  // namespace, whose processes are not all seen from here. nullopt: it is gone. `known_as`: what --netns once was given
  // for it, where it is looked for first; "" for nothing. `seen_from`: HostFacts::pid_namespace of the run that knew
  // it; "": not known. One search does for all that a finder is asked: what it says is of its first question's moment.
  using NamespaceFinder = std::function<std::optional<std::string>(
      const std::string& identity, const std::string& known_as, const std::string& seen_from)>;
  [[nodiscard]] virtual NamespaceFinder namespace_finder() = 0;

 private:
  PlatformParts parts_;
};

// Which host the platform speaks for.
struct HostChoice {
  std::string root = "/";  // --root
  std::string netns;       // --netns: a name below /run/netns, a process number or a path; "" for the caller's own
};

// The real one; with `netns` the calling thread enters it, and so do the threads that it starts later. Error: denied,
// no_input (no such root or namespace).
[[nodiscard]] Result<std::unique_ptr<Platform>> make_platform(const HostChoice& choice);

// Before anything else: descriptors 0 to 2 open, umask 077, SIGPIPE and SIGXFSZ ignored; a set-user-id copy ends here
// with 77 (docs/safety.md, "What it opens and trusts").
void prepare_process();

// What the program was started with, as UTF-8 where the system has characters, without its own name.
[[nodiscard]] std::vector<std::string> program_arguments(int count, char** arguments);

}  // namespace twctl
