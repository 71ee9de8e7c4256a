#include "observe/writers/later_writers.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/shell.hpp"

namespace twctl {
namespace {

// The first of `paths` that is there; "" if none is.
std::string first_existing(HostFiles& files, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    if (files.exists(path)) return std::string(path);
  }
  return {};
}

constexpr std::string_view kCredential = "sysctl.extra";

bool asks_for_credential(HostFiles& files) {
  for (const std::string_view folder : kUnitFolders) {
    const std::string unit = text_of(files, fmt::format("{}/systemd-sysctl.service", folder));
    if (!unit.empty()) return unit.find("Credential=sysctl.") != std::string::npos;
  }
  return true;
}

}  // namespace

Result<void> check_later_limits(std::span<const LaterWriter> writers) {
  std::size_t writes = 0;
  for (const LaterWriter& writer : writers) writes += writer.writes.size();
  return check_later_writes(writes);
}

// ufw-init reads both files as a shell does, the second one over the first, and runs `sysctl -e -q -p $IPT_SYSCTL` when
// the firewall starts (ufw-framework(8)).
std::vector<LaterWriter> find_ufw(LaterScripts& scripts) {
  HostFiles& files = scripts.files();
  const std::string kConfig = "/etc/ufw/ufw.conf";
  const std::string config = scripts.read(kConfig);
  if (scripts.is_closed(kConfig) && is_listed(files, kConfig)) {
    return {{.name = "UFW", .evidence = kConfig, .unread = not_read(kConfig)}};
  }
  if (config.empty()) return {};
  const ShellVariables variables =
      read_shell(text_of(files, "/etc/default/ufw") + "\n" + config, [](const ShellCommand&) {});
  const auto variable = [&](std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? ShellWord{} : found->second;
  };
  const std::string enabled = variable("ENABLED").text;
  const ShellWord path = variable("IPT_SYSCTL");
  if ((enabled != "yes" && enabled != "YES") || path.text.empty()) return {};
  LaterWriter ufw{.name = "UFW",
                  .evidence = fmt::format("{}: ENABLED={}, {}", kConfig, enabled, escape(path.text)),
                  .when = WriteTime::before_network};
  if (path.known) {
    ScriptReader reader(scripts, false);
    reader.add_sysctl_file(path.text, true);
    ScriptWrites writes = reader.take();
    ufw.writes = std::move(writes.sure);
    ufw.unread = std::move(writes.unread);
  } else {
    ufw.unread = fmt::format("which file IPT_SYSCTL={} is, only its shell knows", escape(path.text));
  }
  return {std::move(ufw)};
}

// Its configuration lies in the cluster, not on the node: that it writes is known, what it writes is not
// (cmd/kube-proxy/app/conntrack.go; by default max-per-core 32768, established 24h, close_wait 1h).
std::vector<LaterWriter> find_kube_proxy(LaterScripts& scripts) {
  HostFiles& files = scripts.files();
  const std::string seen = first_existing(files, {"/var/lib/kube-proxy", "/var/lib/kubelet/config.yaml"});
  if (seen.empty()) return {};
  return {{.name = "kube-proxy",
           .evidence = seen,
           .writes = {{"net.netfilter.nf_conntrack_max", ""},
                      {"net.netfilter.nf_conntrack_tcp_timeout_close_wait", ""},
                      {"net.netfilter.nf_conntrack_tcp_timeout_established", ""}}}};
}

// With its bandwidth manager on, the agent sets the first three (pkg/bandwidth in Cilium 1.10 and later); it adds the
// NodePort range to the reserved ports where the port range overlaps it (--enable-auto-protect-node-port-range).
std::vector<LaterWriter> find_cilium(LaterScripts& scripts) {
  HostFiles& files = scripts.files();
  const std::string seen =
      first_existing(files, {"/etc/sysctl.d/99-zzz-override_cilium.conf", "/run/cilium", "/var/run/cilium"});
  if (seen.empty()) return {};
  return {{.name = "Cilium",
           .evidence = seen,
           .writes = {{"net.core.netdev_max_backlog", "1000"},
                      {"net.core.somaxconn", "4096"},
                      {"net.ipv4.ip_local_reserved_ports", ""},
                      {"net.ipv4.tcp_max_syn_backlog", "4096"}}}};
}

// systemd-sysctl(8) reads it behind all boot files, since 252: it is looked for in these, and the first one counts
// (LoadCredential= and ImportCredential= of systemd.exec(5)). An older unit does not ask for it.
std::vector<LaterWriter> find_sysctl_credential(LaterScripts& scripts) {
  constexpr std::array<std::string_view, 4> kPlain{"/run/credentials/@system", "/etc/credstore", "/run/credstore",
                                                   "/usr/lib/credstore"};
  constexpr std::array<std::string_view, 4> kEncrypted{"/run/credentials/@encrypted", "/etc/credstore.encrypted",
                                                       "/run/credstore.encrypted", "/usr/lib/credstore.encrypted"};
  HostFiles& files = scripts.files();
  const auto find = [&](std::span<const std::string_view> folders) -> std::string {
    for (const std::string_view folder : folders) {
      if (is_listed(files, fmt::format("{}/{}", folder, kCredential))) return fmt::format("{}/{}", folder, kCredential);
    }
    return {};
  };
  const std::string plain = find(kPlain);
  const std::string path = plain.empty() ? find(kEncrypted) : plain;
  if (path.empty() || !asks_for_credential(files)) return {};
  ScriptReader reader(scripts, false);
  if (!plain.empty()) reader.add_sysctl_file(path, true);
  ScriptWrites writes = reader.take();
  if (plain.empty()) writes.unread = "it is encrypted";
  return writers_of(std::move(writes), "systemd-sysctl", path, WriteTime::before_network);
}

Result<std::vector<LaterWriter>> find_later_writers(HostFiles& files, Loader loader) {
  LaterScripts scripts(files);
  std::vector<LaterWriter> found;
  if (loader == Loader::systemd) found = find_sysctl_credential(scripts);
  for (const auto find : {find_ufw, find_tuned, find_units, find_scripts, find_tables, find_kube_proxy, find_cilium}) {
    for (LaterWriter& writer : find(scripts)) found.push_back(std::move(writer));
  }
  TRY_VOID(scripts.within_limits());
  return found;
}

}  // namespace twctl
