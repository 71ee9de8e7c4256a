#include "observe/possible_kernels.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace twctl {
namespace {

constexpr std::string_view kOldest = "3.10.0";

// os-release's PRETTY_NAME begins so, and this is the kernel that the release came with. Oracle Linux is not among
// them: it boots Oracle's kernel or Red Hat's. Sources: the names of the packages and the tags of the kernels,
// kernel-4.18.0-*.el8 and kernel-5.14.0-*.el9 on the branches c8s and c9s of
// https://gitlab.com/redhat/centos-stream/rpms/kernel, linux-image-* on packages.debian.org,
// https://lists.debian.org/debian-kernel/2014/07/msg00413.html (3.16 for Debian 8),
// https://www.debian.org/News/2025/20250809 (6.12 in Debian 13), Ubuntu-* of Canonical's kernel repositories and
// https://canonical-kteam-docs.readthedocs-hosted.com (HWE kernels), and
// https://docs.aws.amazon.com/linux/al2/ug/aml2-kernel.html with https://docs.aws.amazon.com/cdk/api/v2
// (AmazonLinux2Kernel: 4.14 is the default, 5.10 the one of later images).
struct Shipped {
  std::string_view distribution;
  std::string_view kernel;
};
constexpr auto kShipped = std::to_array<Shipped>({
    {"CentOS Linux 7", "3.10.0.el7"},
    {"Red Hat Enterprise Linux Server 7", "3.10.0.el7"},
    {"CentOS Linux 8", "4.18.0.el8"},
    {"Red Hat Enterprise Linux 8", "4.18.0.el8"},
    {"AlmaLinux 8", "4.18.0.el8"},
    {"Rocky Linux 8", "4.18.0.el8"},
    {"CentOS Stream 8", "4.18.0.el8"},
    {"CentOS Stream 9", "5.14.0.el9"},
    {"Red Hat Enterprise Linux 9", "5.14.0.el9"},
    {"AlmaLinux 9", "5.14.0.el9"},
    {"Rocky Linux 9", "5.14.0.el9"},
    {"Amazon Linux 2023", "6.1"},
    {"Amazon Linux 2", "4.14"},
    {"Debian GNU/Linux 8", "3.16"},
    {"Debian GNU/Linux 9", "4.9"},
    {"Debian GNU/Linux 10", "4.19"},
    {"Debian GNU/Linux 11", "5.10"},
    {"Debian GNU/Linux 12", "6.1"},
    {"Debian GNU/Linux 13", "6.12"},
    {"Ubuntu 14.04", "3.13"},
    {"Ubuntu 16.04", "4.4"},
    {"Ubuntu 18.04", "4.15"},
    {"Ubuntu 20.04", "5.4"},
    {"Ubuntu 22.04", "5.15"},
    {"Ubuntu 24.04", "6.8"},
});

HostFacts with_kernel(HostFacts facts, std::string_view release, std::string_view because) {
  facts.kernel_release = release;
  facts.kernel_assumed = because;
  facts.kernel = parse_kernel_version(release).value_or(KernelVersion{});
  return facts;
}

std::string_view shipped_with(const HostFacts& facts) {
  const auto found = std::find_if(kShipped.begin(), kShipped.end(),
                                  [&](const Shipped& one) { return facts.distribution.starts_with(one.distribution); });
  return found == kShipped.end() ? std::string_view{} : found->kernel;
}

}  // namespace

std::vector<HostFacts> possible_kernels(const HostFacts& facts, std::span<const std::string> installed) {
  if (facts.os != Os::linux_kernel || facts.kernel != KernelVersion{}) return {facts};
  std::vector<HostFacts> found;
  for (const std::string& release : installed) {
    if (parse_kernel_version(release)) found.push_back(with_kernel(facts, release, "the newest below /lib/modules"));
  }
  std::sort(found.begin(), found.end(), [](const HostFacts& a, const HostFacts& b) { return a.kernel < b.kernel; });
  if (found.size() > 1) return {found.front(), found.back()};
  if (found.size() == 1) return found;
  if (const std::string_view shipped = shipped_with(facts); !shipped.empty())
    return {with_kernel(facts, shipped, "the one that its distribution came with")};
  return {with_kernel(facts, kOldest, "the oldest in use"), facts};
}

HostFacts with_likely_kernel(const HostFacts& facts, std::span<const std::string> installed) {
  return possible_kernels(facts, installed).back();
}

}  // namespace twctl
