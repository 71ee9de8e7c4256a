// The kernel that files are judged for: this host's, or the one that the user names. A value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "observe/snapshot.hpp"
#include "rules/availability.hpp"

namespace twctl {

// HostFacts::container where files are what a container's runtime is given, as `audit --container` says.
inline constexpr std::string_view kGivenToRuntime = "--container";

class AuditContext {
 public:
  // Of `facts` the kernel counts, and whether the namespace is the initial one.
  explicit AuditContext(HostFacts facts);

  [[nodiscard]] const HostFacts& host() const { return image_.host; }
  // Of Linux or of Windows; {} where the host runs the other one: a current version is taken then.
  [[nodiscard]] KernelVersion kernel() const { return version_of(Os::linux_kernel); }
  [[nodiscard]] KernelVersion build() const { return version_of(Os::windows); }
  [[nodiscard]] bool contained() const { return !image_.host.container.empty(); }

  [[nodiscard]] bool given_to_runtime() const { return image_.host.container == kGivenToRuntime; }

  // Why such a kernel has no such setting; nullopt if it has it.
  [[nodiscard]] std::optional<Unavailable> why_unavailable(const Setting& setting) const;

  // Before a loader writes to it.
  [[nodiscard]] KernelStart start() const { return kernel_start(image_.host); }

  // The kernel's default; nullopt where it depends on memory or the kernel is not known.
  [[nodiscard]] std::optional<Value> default_of(const Setting& setting) const;

 private:
  [[nodiscard]] KernelVersion version_of(Os os) const {
    return image_.host.os == os ? image_.host.kernel : KernelVersion{};
  }

  Snapshot image_;  // of a host without files and live values, all modules loaded
};

}  // namespace twctl
