#include "rules/availability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/escape.hpp"
#include "observe/possible_kernels.hpp"

namespace twctl {
namespace {

bool version_known(const HostFacts& host) { return host.kernel != KernelVersion{}; }

bool removed_here(const Setting& setting, const HostFacts& host) {
  return version_known(host) ? removed_by(setting, host.kernel) : setting.removed != KernelVersion{};
}

bool not_yet_here(const Setting& setting, const HostFacts& host) { return !may_have(setting.since, host); }

// Known by the distribution, or by how the vendor names its builds: "5.10.134-16.al8.x86_64", "5.4.119-1-tlinux4".
bool is_kernel_of(std::string_view vendor, const HostFacts& host) {
  struct Vendor {
    std::string_view name;
    std::array<std::string_view, 2> distributions;
    std::array<std::string_view, 2> builds;
  };
  constexpr std::array<Vendor, 2> kVendors{
      {{"Alibaba", {"Alibaba", "Aliyun"}, {".al7", ".al8"}}, {"Tencent", {"Tencent", "tlinux"}, {"tlinux", ".tl"}}}};
  return std::any_of(kVendors.begin(), kVendors.end(), [&](const Vendor& one) {
    const auto in = [](const std::string& text) {
      return [&](std::string_view part) { return text.find(part) != std::string::npos; };
    };
    return vendor.starts_with(one.name) &&
           (std::any_of(one.distributions.begin(), one.distributions.end(), in(host.distribution)) ||
            std::any_of(one.builds.begin(), one.builds.end(), in(host.kernel_release)));
  });
}

// Only the initial namespace of this kernel has the file, and this is another one.
bool belongs_to_the_host(const Setting& setting, const HostFacts& host) {
  if (host.initial_network_namespace) return false;
  return setting.reach != Reach::per_namespace || (version_known(host) && host.kernel < setting.per_namespace_since);
}

Unavailable unsupported(std::string text) { return {Unavailable::Reason::unsupported, std::move(text)}; }

}  // namespace

std::optional<Unavailable> why_unavailable_by_version(const Setting& setting, const HostFacts& host) {
  if (removed_here(setting, host)) {
    return Unavailable{Unavailable::Reason::removed, fmt::format("removed in Linux {}", to_text(setting.removed))};
  }
  if (!setting.vendor.empty() && is_kernel_of(setting.vendor, host)) return std::nullopt;
  if (!setting.vendor.empty()) return unsupported(fmt::format("only on {}", setting.vendor));
  if (not_yet_here(setting, host)) {
    return unsupported(fmt::format("needs Linux {} (this is {})", to_text(setting.since), kernel_name(host)));
  }
  if (belongs_to_the_host(setting, host)) return unsupported("host-wide: set it on the host");
  return std::nullopt;
}

std::optional<Unavailable> why_unavailable(const Setting& setting, const Snapshot& snapshot) {
  const HostFacts& host = snapshot.host;
  if (host.os == Os::windows) return std::nullopt;  // a value can be made under its key at any time
  if (host.live && live_value(setting, snapshot).state != LiveValue::State::absent) return std::nullopt;
  if (std::optional<Unavailable> reason = why_unavailable_by_version(setting, host)) return reason;
  if (!setting.module.empty() && (host.live || loads_late(setting, snapshot))) {
    return Unavailable{Unavailable::Reason::module_not_loaded,
                       fmt::format("the module {} is not loaded", setting.module)};
  }
  if (!host.live) return std::nullopt;
  if (host.captured) return unsupported("there is no file for it in this tree");
  return unsupported(fmt::format("this kernel ({}) was built without it", kernel_name(host)));
}

const LiveValue& live_value(const Setting& setting, const Snapshot& snapshot) {
  static const LiveValue kAbsent;
  const auto found = snapshot.live.find(setting.key);
  return found == snapshot.live.end() ? kAbsent : found->second;
}

// Red Hat's 3.10 and 4.18 carry later kernels' changes: 4.18 has tcp_tw_reuse's default of 4.19. Its version then says
// nothing of a default that mainline has changed since.
bool may_be_backported(const Setting& setting, const HostFacts& host) {
  const bool red_hat = host.kernel < KernelVersion{5, 0} && host.kernel_release.find(".el") != std::string::npos;
  return red_hat && !setting.defaults.empty() && setting.defaults.back().since > host.kernel;
}

// Every kernel has it, and by default the same value.
bool has_one_default(const Setting& setting) {
  return setting.since == KernelVersion{} && setting.removed == KernelVersion{} && setting.vendor.empty() &&
         setting.defaults.size() == 1;
}

std::optional<Value> kernel_default(const Setting& setting, const HostFacts& host) {
  if (has_one_default(setting)) return Value(setting.defaults.front().value);
  if (!version_known(host) || may_be_backported(setting, host)) return std::nullopt;
  const DefaultValue found = default_on(setting, host.kernel);
  return found.known ? std::optional<Value>(found.value) : std::nullopt;
}

KernelStart kernel_start(const HostFacts& host) {
  KernelStart start;
  if (host.os == Os::linux_kernel) start.version = host.kernel;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::optional<Value> value = kernel_default(setting, host);
    const bool usual = !setting.defaults.empty() && value == setting.defaults.back().value;
    if (value && !usual) start.values[setting.key] = *value;
  }
  return start;
}

bool loads_late(const Setting& setting, const Snapshot& snapshot) {
  const auto& early = snapshot.boot_modules;
  return !setting.module.empty() && std::find(early.begin(), early.end(), setting.module) == early.end();
}

std::string kernel_name(const HostFacts& host) {
  return host.kernel_release.empty() ? to_text(host.kernel) : escape(host.kernel_release);
}

}  // namespace twctl
