#include "audit/kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/escape.hpp"

namespace twctl {
namespace {

constexpr std::string_view kOldest = "3.10.0";

// os-release's PRETTY_NAME begins so, and this is the kernel that the release came with. Oracle Linux is not among
// them: it boots Oracle's kernel or Red Hat's. Sources: the names of the packages and the tags of the kernels,
// linux-image-* on packages.debian.org, Ubuntu-* of Canonical's kernel repositories and
// https://canonical-kteam-docs.readthedocs-hosted.com (HWE kernels), kernel-5.14.0-*.el9 of
// https://gitlab.com/redhat/centos-stream/src/kernel, and https://docs.aws.amazon.com/linux/al2/ug/aml2-kernel.html
// with https://docs.aws.amazon.com/cdk/api/v2 (AmazonLinux2Kernel: 4.14 is the default, 5.10 the one of later images).
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

HostFacts with_kernel(HostFacts facts, std::string_view release) {
  facts.kernel_release = release;
  facts.kernel = parse_kernel_version(release).value_or(KernelVersion{});
  return facts;
}

std::string_view shipped_with(const HostFacts& facts) {
  const auto found = std::find_if(kShipped.begin(), kShipped.end(),
                                  [&](const Shipped& one) { return facts.distribution.starts_with(one.distribution); });
  return found == kShipped.end() ? std::string_view{} : found->kernel;
}

std::string kernel_text(const HostFacts& facts) {
  return facts.kernel_release.empty() ? "a current Linux" : "Linux " + escape(facts.kernel_release);
}

bool same(const Finding& a, const Finding& b) { return a.row == b.row && a.key == b.key && a.where == b.where; }

bool is_in(const Finding& finding, const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& other) { return same(finding, other); });
}

// Findings of one kernel only say so.
void mark_those_of(const HostFacts& kernel, Findings& findings, const Findings& others) {
  for (Finding& finding : findings) {
    if (!is_in(finding, others)) finding.evidence = fmt::format("On {}: {}", kernel_text(kernel), finding.evidence);
  }
}

}  // namespace

std::vector<HostFacts> possible_kernels(const HostFacts& facts, std::span<const std::string> installed) {
  if (facts.os != Os::linux_kernel || facts.kernel != KernelVersion{}) return {facts};
  std::vector<HostFacts> found;
  for (const std::string& release : installed) {
    if (parse_kernel_version(release)) found.push_back(with_kernel(facts, release));
  }
  std::sort(found.begin(), found.end(), [](const HostFacts& a, const HostFacts& b) { return a.kernel < b.kernel; });
  if (found.size() > 1) return {found.front(), found.back()};
  if (found.size() == 1) return found;
  if (const std::string_view shipped = shipped_with(facts); !shipped.empty()) return {with_kernel(facts, shipped)};
  return {with_kernel(facts, kOldest), facts};
}

Result<Audit> audit_for_each(const std::vector<HostFacts>& kernels,
                             const std::function<Result<Audit>(const HostFacts&)>& judge) {
  TRY(Audit audit, judge(kernels.front()));
  if (kernels.size() == 1) return audit;
  TRY(Audit newer, judge(kernels.back()));
  const Findings of_older = audit.findings;
  mark_those_of(kernels.front(), audit.findings, newer.findings);
  mark_those_of(kernels.back(), newer.findings, of_older);
  for (const Finding& finding : audit.findings) {
    const auto found = std::find_if(newer.findings.begin(), newer.findings.end(),
                                    [&](const Finding& other) { return same(finding, other); });
    if (found == newer.findings.end()) {
      newer.findings.push_back(finding);
    } else {
      found->severity = std::max(found->severity, finding.severity);
    }
  }
  newer.kernels = fmt::format("kernel not known: judged for {} and for {}", kernel_text(kernels.front()),
                              kernel_text(kernels.back()));
  newer.host.kernel_release.clear();
  newer.host.kernel = {};
  return newer;
}

}  // namespace twctl
