#include "observe/later_writers.hpp"

#include <array>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "observe/boot_files.hpp"

namespace twctl {
namespace {

// NAME=value of a shell fragment: the last one counts, quotes go. "" if it is not there.
std::string shell_variable(std::string_view text, std::string_view name) {
  std::string value;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with('=')) continue;
    value = std::string(trim(line.substr(name.size() + 1)));
    if (value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'')) {
      value = value.substr(1, value.size() - 2);
    }
  }
  return value;
}

// The first of `paths` that is there; "" if none is.
std::string first_existing(HostFiles& files, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    if (files.exists(path)) return std::string(path);
  }
  return {};
}

}  // namespace

// ufw-init runs `sysctl -e -q -p $IPT_SYSCTL` when the firewall starts (ufw-framework(8)).
std::optional<LaterWriter> find_ufw(HostFiles& files) {
  constexpr std::string_view kConfig = "/etc/ufw/ufw.conf";
  if (to_lower(shell_variable(text_of(files, kConfig), "ENABLED")) != "yes") return std::nullopt;
  const std::string settings_file = shell_variable(text_of(files, "/etc/default/ufw"), "IPT_SYSCTL");
  if (settings_file.empty()) return std::nullopt;
  LaterWriter writer{.name = "UFW", .evidence = std::string(kConfig) + ": ENABLED=yes", .writes = {}};
  writer.evidence += ", " + escape(settings_file);
  const AssignmentFile file = read_assignments(text_of(files, settings_file), Loader::procps);
  for (const Assignment& line : file.assignments) {
    if (find_setting(Os::linux_kernel, line.key) != nullptr) writer.writes[line.key] = line.value;
  }
  return writer;
}

// Its configuration lies in the cluster, not on the node: that it writes is known, what it writes is not
// (cmd/kube-proxy/app/conntrack.go; by default max-per-core 32768, established 24h, close_wait 1h).
std::optional<LaterWriter> find_kube_proxy(HostFiles& files) {
  const std::string seen = first_existing(files, {"/var/lib/kube-proxy", "/var/lib/kubelet/config.yaml"});
  if (seen.empty()) return std::nullopt;
  return LaterWriter{.name = "kube-proxy",
                     .evidence = seen,
                     .writes = {{"net.netfilter.nf_conntrack_max", ""},
                                {"net.netfilter.nf_conntrack_tcp_timeout_close_wait", ""},
                                {"net.netfilter.nf_conntrack_tcp_timeout_established", ""}}};
}

// With its bandwidth manager on, the agent sets the first three (pkg/bandwidth in Cilium 1.10 and later); it adds the
// NodePort range to the reserved ports where the port range overlaps it (--enable-auto-protect-node-port-range).
std::optional<LaterWriter> find_cilium(HostFiles& files) {
  const std::string seen =
      first_existing(files, {"/etc/sysctl.d/99-zzz-override_cilium.conf", "/run/cilium", "/var/run/cilium"});
  if (seen.empty()) return std::nullopt;
  return LaterWriter{.name = "Cilium",
                     .evidence = seen,
                     .writes = {{"net.core.somaxconn", "4096"},
                                {"net.core.netdev_max_backlog", "1000"},
                                {"net.ipv4.tcp_max_syn_backlog", "4096"},
                                {"net.ipv4.ip_local_reserved_ports", ""}}};
}

std::vector<LaterWriter> find_later_writers(HostFiles& files) {
  std::vector<LaterWriter> found;
  for (const auto find : {find_ufw, find_tuned, find_kube_proxy, find_cilium}) {
    if (auto writer = find(files)) found.push_back(*std::move(writer));
  }
  return found;
}

}  // namespace twctl
