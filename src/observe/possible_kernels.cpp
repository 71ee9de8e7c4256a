#include "observe/possible_kernels.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <optional>
#include <string_view>
#include <utility>

namespace twctl {
namespace {

constexpr std::string_view kOldest = "3.10.0";

// os-release's PRETTY_NAME begins with `distribution` and a release, and this is the kernel that the release came with;
// a release between two rows has the kernel of the one before, one behind the last the last one's. "": one of several,
// each newer than anything that the rules tell apart by distribution, so a current one stands for it. Sources: the
// names of the packages and the tags of the kernels, kernel-4.18.0-*.el8, kernel-5.14.0-*.el9 and kernel-6.12.0-*.el10
// on the branches c8s, c9s and c10s of https://gitlab.com/redhat/centos-stream/rpms/kernel, linux-image-* on
// packages.debian.org, https://lists.debian.org/debian-kernel/2014/07/msg00413.html (3.16 for Debian 8),
// https://www.debian.org/News/2025/20250809 (6.12 in Debian 13), Ubuntu-* of Canonical's kernel repositories and
// https://canonical-kteam-docs.readthedocs-hosted.com (HWE kernels),
// https://docs.aws.amazon.com/linux/al2/ug/aml2-kernel.html with https://docs.aws.amazon.com/cdk/api/v2
// (AmazonLinux2Kernel: 4.14 is the default, 5.10 the one of later images), linux-lts on pkgs.alpinelinux.org, the
// release notes of SUSE Linux Enterprise Server 15 SP0 to SP7, whose kernels openSUSE Leap shares, and kernel.spec of
// https://github.com/microsoft/azurelinux.
struct Release {
  int major = 0;
  int minor = 0;
  friend auto operator<=>(const Release&, const Release&) = default;
};
struct Shipped {
  std::string_view distribution;
  Release release;
  std::string_view kernel;
};
// Rows of one distribution stand together, ascending. No name begins with another.
constexpr auto kShipped = std::to_array<Shipped>({
    {"AlmaLinux", {8}, "4.18.0.el8"},
    {"AlmaLinux", {9}, "5.14.0.el9"},
    {"AlmaLinux", {10}, "6.12.0.el10"},
    {"Alpine Linux", {3, 17}, "5.15"},
    {"Alpine Linux", {3, 18}, "6.1"},
    {"Alpine Linux", {3, 19}, "6.6"},
    {"Alpine Linux", {3, 21}, "6.12"},
    {"Amazon Linux", {2}, "4.14"},
    {"Amazon Linux", {2023}, "6.1"},
    {"CentOS", {7}, "3.10.0.el7"},
    {"CentOS", {8}, "4.18.0.el8"},
    {"CentOS", {9}, "5.14.0.el9"},
    {"CentOS", {10}, "6.12.0.el10"},
    {"Debian GNU/Linux", {8}, "3.16"},
    {"Debian GNU/Linux", {9}, "4.9"},
    {"Debian GNU/Linux", {10}, "4.19"},
    {"Debian GNU/Linux", {11}, "5.10"},
    {"Debian GNU/Linux", {12}, "6.1"},
    {"Debian GNU/Linux", {13}, "6.12"},
    {"Fedora", {28}, ""},  // gets new kernels as long as it lives
    {"Microsoft Azure Linux", {3}, "6.6"},
    {"openSUSE Leap", {15, 0}, "4.12"},
    {"openSUSE Leap", {15, 2}, "5.3"},
    {"openSUSE Leap", {15, 4}, "5.14"},
    {"openSUSE Leap", {15, 6}, "6.4"},
    {"openSUSE Leap", {16, 0}, "6.12"},
    {"openSUSE Leap", {42, 0}, "4.4"},  // before 15
    {"Oracle Linux", {8}, ""},          // boots Oracle's kernel or Red Hat's
    {"Red Hat Enterprise Linux", {7}, "3.10.0.el7"},
    {"Red Hat Enterprise Linux", {8}, "4.18.0.el8"},
    {"Red Hat Enterprise Linux", {9}, "5.14.0.el9"},
    {"Red Hat Enterprise Linux", {10}, "6.12.0.el10"},
    {"Rocky Linux", {8}, "4.18.0.el8"},
    {"Rocky Linux", {9}, "5.14.0.el9"},
    {"Rocky Linux", {10}, "6.12.0.el10"},
    {"Scientific Linux", {7}, "3.10.0.el7"},
    {"SUSE Linux Enterprise Server", {15, 0}, "4.12"},
    {"SUSE Linux Enterprise Server", {15, 2}, "5.3"},
    {"SUSE Linux Enterprise Server", {15, 4}, "5.14"},
    {"SUSE Linux Enterprise Server", {15, 6}, "6.4"},
    {"SUSE Linux Enterprise Server", {16, 0}, "6.12"},
    {"Ubuntu", {14, 4}, "3.13"},
    {"Ubuntu", {16, 4}, "4.4"},
    {"Ubuntu", {18, 4}, "4.15"},
    {"Ubuntu", {20, 4}, "5.4"},
    {"Ubuntu", {22, 4}, "5.15"},
    {"Ubuntu", {24, 4}, "6.8"},
    {"Ubuntu", {24, 10}, "6.11"},
    {"Ubuntu", {25, 4}, "6.14"},
    {"Ubuntu", {25, 10}, "6.17"},
});

int take_digits(std::string_view& text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return problem == std::errc{} ? number : 0;
}

// "9.4 (Seafoam Ocelot)", "v3.19", "15 SP5". One without a number rolls, as Debian's sid does: behind every other.
Release release_in(std::string_view text) {
  constexpr Release kRolling{.major = 1'000'000};
  constexpr std::string_view kServicePack = " SP";
  const std::size_t at = text.find_first_of("0123456789");
  if (at == std::string_view::npos) return kRolling;
  text.remove_prefix(at);
  Release release{.major = take_digits(text)};
  if (text.starts_with(kServicePack)) text.remove_prefix(kServicePack.size() - 1);
  if (text.starts_with('.') || text.starts_with('P')) {
    text.remove_prefix(1);
    release.minor = take_digits(text);
  }
  return release;
}

HostFacts with_kernel(HostFacts facts, std::string_view release, std::string_view because) {
  facts.kernel_release = release;
  facts.kernel_assumed = because;
  facts.kernel = parse_kernel_version(release).value_or(KernelVersion{});
  return facts;
}

// Of the distribution's releases the last one that this is, or comes behind. "": a current kernel; nullopt: an older
// one than those listed.
std::optional<std::string_view> shipped_with(std::string_view distribution) {
  const Shipped* newest = nullptr;
  bool listed = false;
  for (const Shipped& one : kShipped) {
    if (!distribution.starts_with(one.distribution)) continue;
    listed = true;
    if (one.release <= release_in(distribution.substr(one.distribution.size()))) newest = &one;
  }
  if (newest != nullptr) return newest->kernel;
  return listed ? std::nullopt : std::optional(std::string_view());
}

// Red Hat's kernels keep their version for ten years and carry what later ones brought (kernel_default() in rules/ says
// of what): as far as to the kernel that the next release began with, a key may be there, or another change.
KernelVersion carried_from(const HostFacts& host) {
  struct Carried {
    std::string_view mark;
    KernelVersion kernel;
  };
  constexpr std::array<Carried, 3> kNextReleases{{{".el7", {4, 18}}, {".el8", {5, 14}}, {".el9", {6, 12}}}};
  for (const auto& [mark, kernel] : kNextReleases) {
    if (host.kernel_release.find(mark) != std::string::npos) return std::max(host.kernel, kernel);
  }
  return host.kernel;
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
  const auto shipped = facts.distribution.empty() ? std::nullopt : shipped_with(facts.distribution);
  if (shipped && shipped->empty()) return {facts};
  if (shipped) return {with_kernel(facts, *shipped, "the one that its distribution came with")};
  return {with_kernel(facts, kOldest, "the oldest in use"), facts};
}

HostFacts with_likely_kernel(const HostFacts& facts, std::span<const std::string> installed) {
  return possible_kernels(facts, installed).back();
}

bool may_have(KernelVersion since, const HostFacts& host) {
  return host.kernel == KernelVersion{} || carried_from(host) >= since;
}

}  // namespace twctl
