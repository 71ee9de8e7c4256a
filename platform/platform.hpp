// The seam between twctl and an operating system: no OS header and no #ifdef on this side of it.
// tests/support has one in memory; platform/linux and platform/windows have the real ones.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/host_facts.hpp"
#include "platform/host_files.hpp"
#include "platform/setting_store.hpp"

namespace twctl {

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

  // Local ports of listening TCP sockets in this network namespace, sorted, without duplicates.
  [[nodiscard]] virtual Result<std::vector<int>> listening_ports() = 0;

  // How many other network namespaces have processes in them, as far as the rights go.
  [[nodiscard]] virtual int other_network_namespaces() = 0;

  [[nodiscard]] virtual bool is_superuser() = 0;
};

// Which host the platform speaks for.
struct HostChoice {
  std::string root = "/";  // --root
  std::string netns;       // --netns: a name below /run/netns or a path; "" for the caller's own
};

// The real one; with `netns` the whole process enters it. Error: denied, no_input (no such root or namespace).
[[nodiscard]] Result<std::unique_ptr<Platform>> make_platform(const HostChoice& choice);

// Before anything else: descriptors 0 to 2 open, umask 077, SIGPIPE and SIGXFSZ ignored (safety.md, section 4).
void prepare_process();

}  // namespace twctl
