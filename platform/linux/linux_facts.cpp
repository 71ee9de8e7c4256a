#include "platform/linux/linux_facts.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "platform/linux/loader.hpp"
#include "platform/linux/network_namespace.hpp"
#include "platform/linux/surroundings.hpp"

namespace twctl {
namespace {

// Only the kernel's first network namespace has the host-wide settings. Both are in every kernel; a tree that was
// written for a test may have neither, and then nothing speaks against the first namespace.
constexpr std::string_view kHostWideKey = "/proc/sys/net/ipv4/tcp_max_orphans";
constexpr std::string_view kOrdinaryKey = "/proc/sys/net/ipv4/tcp_retries2";

std::string first_line(std::string_view text) { return std::string(trim(text.substr(0, text.find('\n')))); }

// os-release(5) is shell syntax: quotes around, backslashes inside.
std::string unquote(std::string_view value) {
  const bool quoted =
      value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  if (quoted) value = value.substr(1, value.size() - 2);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

std::string find_distribution(HostFiles& files) {
  constexpr std::string_view kName = "PRETTY_NAME=";
  std::string text = text_of(files, "/etc/os-release");
  if (text.empty()) text = text_of(files, "/usr/lib/os-release");
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(kName)) return unquote(trim(line.substr(kName.size())));
  }
  return {};
}

// An image that has modules for one kernel will boot that one, and of several builds of one version (6.1.0-30, -31) any
// is as good as another; with several versions nobody knows.
std::string installed_release(HostFiles& files) {
  const std::vector<std::string> releases = installed_kernels(files);
  const auto other = [&](const std::string& release) {
    const auto version = parse_kernel_version(release);
    return !version || version != parse_kernel_version(releases.front());
  };
  const bool one = releases.size() == 1 || std::none_of(releases.begin(), releases.end(), other);
  return one && !releases.empty() ? releases.back() : std::string();
}

void add_running(HostFacts& facts) {
  utsname names = {};
  if (::uname(&names) == 0) {
    facts.hostname = names.nodename;
    facts.kernel_release = names.release;
  }
  facts.network_namespace = network_namespace_identity();
  facts.namespace_has_cookie = facts.network_namespace.starts_with(kNetworkNamespaceCookie);
  facts.pid_namespace = pid_namespace_identity();
}

void add_at_rest(HostFacts& facts, HostFiles& files) {
  facts.hostname = first_line(text_of(files, "/proc/sys/kernel/hostname"));
  if (facts.hostname.empty()) facts.hostname = first_line(text_of(files, "/etc/hostname"));
  facts.kernel_release = first_line(text_of(files, "/proc/sys/kernel/osrelease"));
  if (facts.kernel_release.empty()) facts.kernel_release = installed_release(files);
}

bool is_initial_namespace(HostFiles& files) { return files.exists(kHostWideKey) || !files.exists(kOrdinaryKey); }

std::string container_of_environment(std::string_view environment) {
  constexpr std::string_view kName = "container=";
  for (const std::string_view entry : split(environment, '\0')) {
    if (entry.starts_with(kName)) return std::string(entry.substr(kName.size()));
  }
  return {};
}

}  // namespace

// A negative number is that of a table which other namespaces are in as well (net/ipv4/sysctl_net_ipv4.c).
std::int64_t tcp_hash_entries(HostFiles& files) {
  return std::abs(parse_decimal(trim(text_of(files, "/proc/sys/net/ipv4/tcp_ehash_entries"))).value_or(0));
}

std::string kernel_command_line(HostFiles& files) { return text_of(files, "/proc/cmdline"); }

// The marker files of Docker and Podman stay in a disk image made from a container; a machine that boots it is
// none, as its process tree shows.
std::string find_container(HostFiles& files) {
  if (auto name = first_line(text_of(files, "/run/systemd/container")); !name.empty()) return name;
  if (auto name = container_of_environment(text_of(files, "/proc/1/environ")); !name.empty()) return name;
  if (in_initial_pid_namespace(files)) return {};
  if (files.exists("/run/.containerenv")) return "podman";
  if (files.exists("/.dockerenv")) return "docker";
  return {};
}

HostFacts gather_facts(HostFiles& files, LiveSource source) {
  HostFacts facts;
  facts.live = source == LiveSource::procfs || source == LiveSource::captured;
  facts.captured = source == LiveSource::captured;
  source == LiveSource::procfs ? add_running(facts) : add_at_rest(facts, files);
  facts.kernel = parse_kernel_version(facts.kernel_release).value_or(KernelVersion{});
  facts.distribution = find_distribution(files);
  facts.boot_id = first_line(text_of(files, "/proc/sys/kernel/random/boot_id"));
  facts.container = find_container(files);
  facts.initial_network_namespace = is_initial_namespace(files);
  facts.loader = find_loader(files);
  return facts;
}

}  // namespace twctl
