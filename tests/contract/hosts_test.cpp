// The captured hosts of tests/hosts: what is seen on each, and what the built-in profiles come to there.
#include <doctest/doctest.h>

#include <filesystem>

#include "observe/observe.hpp"
#include "plan/plan_here.hpp"
#include "profile/desired.hpp"
#include "support/in_namespace.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl;

namespace {

Result<Snapshot> look_at(const std::string& root) {
  TRY(const auto platform, make_platform(HostChoice{.root = root, .netns = {}}));
  return observe(*platform, everything(Os::linux_kernel));
}

Snapshot host(const std::string& name) {
  const auto snapshot = look_at(TWCTL_SOURCE_DIR "/tests/hosts/" + name);
  REQUIRE_MESSAGE(snapshot.has_value(), name);
  return *snapshot;
}

// "key verdict" for each setting that is not ok, and each hazard.
std::string plan_for(const std::string& name, const std::string& profile) {
  const auto platform = make_platform(HostChoice{.root = TWCTL_SOURCE_DIR "/tests/hosts/" + name, .netns = {}});
  const auto desired =
      resolve_desired({.profiles = {profile}, .assignments = {}, .profile_dir = {}}, (*platform)->files());
  REQUIRE(desired.has_value());
  const auto snapshot = observe(**platform, what_to_observe(*desired));
  REQUIRE(snapshot.has_value());
  const auto plan = make_plan(*desired, *snapshot, {});
  REQUIRE(plan.has_value());
  std::string text = changes_anything(*plan) ? "changes\n" : "";
  for (const Finding& hazard : plan->hazards) {
    text += std::string(hazard.row->id) + " " + hazard.key + (hazard.row->blocks ? "!\n" : "\n");
  }
  return text;
}

std::string writers_of(const Snapshot& snapshot) {
  std::string text;
  for (const LaterWriter& writer : snapshot.later_writers) {
    text += writer.name + ":";
    for (const LaterWrite& write : writer.writes) {
      text += " " + write.key.substr(write.key.rfind('.') + 1) + "=" + write.value;
    }
    text += writer.boot_files_win ? " (boot files win)\n" : "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("each stock host is read for what it is") {
  struct Row {
    const char* name;
    const char* distribution;
    KernelVersion kernel;
    std::size_t boot_files;
  };
  const Row rows[] = {{"debian-12", "Debian GNU/Linux 12 (bookworm)", {6, 1, 0}, 4},
                      {"debian-13", "Debian GNU/Linux 13 (trixie)", {6, 12, 48}, 3},
                      {"ubuntu-24.04", "Ubuntu 24.04.3 LTS", {6, 8, 0}, 14},
                      {"almalinux-9", "AlmaLinux 9.4 (Seafoam Ocelot)", {5, 14, 0}, 8},
                      {"opensuse-tumbleweed", "openSUSE Tumbleweed", {6, 12, 0}, 5}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Snapshot snapshot = host(row.name);
    CHECK(snapshot.host.distribution == row.distribution);
    CHECK(snapshot.host.kernel == row.kernel);
    CHECK(snapshot.host.loader == Loader::systemd);
    CHECK(snapshot.host.captured);
    CHECK(snapshot.host.container == "");
    CHECK(snapshot.boot_files.size() == row.boot_files);
    CHECK(snapshot.live.at("net.ipv4.tcp_fin_timeout").value == "60");
    CHECK(snapshot.live.at("net.ipv4.ip_local_port_range").value == "32768 60999");
    CHECK(snapshot.live.at("net.ipv4.tcp_tw_recycle").state == LiveValue::State::absent);
  }
}

TEST_CASE("a stock host has no later writer, but TuneD where the distribution starts it") {
  CHECK(writers_of(host("debian-12")) == "");
  CHECK(writers_of(host("debian-13")) == "");
  CHECK(writers_of(host("ubuntu-24.04")) == "");
  CHECK(writers_of(host("opensuse-tumbleweed")) == "");
  CHECK(writers_of(host("almalinux-9")) == "TuneD: somaxconn=>2048 (boot files win)\n");
}

TEST_CASE("later writers are found where something is on") {
  CHECK(writers_of(host("ubuntu-24.04-ufw")) == "UFW: tcp_syncookies=0\n");
  CHECK(writers_of(host("almalinux-9-tuned")) == "TuneD: somaxconn=>2048 tcp_fin_timeout=15 (boot files win)\n");
  CHECK(writers_of(host("kubernetes-node")) ==
        "kube-proxy: nf_conntrack_max= nf_conntrack_tcp_timeout_close_wait= nf_conntrack_tcp_timeout_established=\n"
        "Cilium: netdev_max_backlog=1000 somaxconn=4096 ip_local_reserved_ports= tcp_max_syn_backlog=4096\n");
}

TEST_CASE("a kernel before 4.12 still has tcp_tw_recycle") {
  const Snapshot old = host("debian-9-recycle");
  CHECK(old.host.kernel == KernelVersion{4, 9, 0});
  CHECK(old.live.at("net.ipv4.tcp_tw_recycle").value == "1");
}

TEST_CASE("capture-host lists exactly the settings of the catalogue") {
  const auto listed = test::shell(TWCTL_SOURCE_DIR "/scripts/capture-host --keys | LC_ALL=C sort");
  std::vector<std::string> paths;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    std::string path(setting.key);
    std::replace(path.begin(), path.end(), '.', '/');
    paths.push_back(path + "\n");
  }
  std::sort(paths.begin(), paths.end());
  std::string expected;
  for (const std::string& path : paths) expected += path;
  CHECK(listed.output == expected);
}

TEST_CASE("a host captured with capture-host is seen as the host itself") {
  const test::Tree tree;
  const std::string copy = tree.at("/copy");
  REQUIRE(test::shell(TWCTL_SOURCE_DIR "/scripts/capture-host " + copy).code == 0);
  auto here = look_at("/");
  auto there = look_at(copy);
  REQUIRE(here.has_value());
  REQUIRE(there.has_value());
  CHECK(there->host.captured);
  there->host.captured = false;
  here->host.network_namespace.clear();
  here->host.namespace_has_cookie = false;
  for (auto& [key, value] : here->live)
    value.read_only = false;  // whom a container or namespace lets write is not copied
  CHECK(there->host == here->host);
  CHECK(there->live == here->live);
  CHECK(there->boot_files == here->boot_files);
  CHECK(there->later_writers == here->later_writers);
  CHECK(there->boot_modules == here->boot_modules);
}

TEST_CASE("capture-host makes an archive too, and copies nothing secret") {
  const test::Tree tree;
  const std::string archive = tree.at("/host.tar");
  REQUIRE(test::shell(TWCTL_SOURCE_DIR "/scripts/capture-host " + archive).code == 0);
  const std::string names = test::shell("tar -tf " + archive).output;
  CHECK(names.find("./proc/sys/net/ipv4/tcp_fin_timeout\n") != std::string::npos);
  for (const char* secret : {"fastopen_key", "netdev_rss_key", "shadow", "machine-id", "environ"}) {
    CAPTURE(secret);
    CHECK(names.find(secret) == std::string::npos);
  }
}

TEST_CASE("a stock host has nothing to change for the baseline") {
  for (const char* name : {"debian-12", "debian-13", "ubuntu-24.04", "almalinux-9", "opensuse-tumbleweed"}) {
    CAPTURE(name);
    CHECK(plan_for(name, "baseline") == "");
  }
}

TEST_CASE("a file that wins over ours shows in the plan of the host that has it") {
  CHECK(plan_for("debian-12", "busy-client").find("shadowed") == std::string::npos);
  const std::string plan = plan_for("debian-12-shadowed", "busy-client");
  CHECK(plan.find("shadowed net.ipv4.tcp_tw_reuse!\n") != std::string::npos);
}

TEST_CASE("tcp_tw_recycle blocks where the kernel has it, and is only removed where it is gone") {
  CHECK(plan_for("debian-9-recycle", "classic").find("tw-recycle net.ipv4.tcp_tw_recycle!\n") != std::string::npos);
  CHECK(plan_for("debian-12", "classic").find("removed net.ipv4.tcp_tw_recycle\n") != std::string::npos);
}

TEST_CASE("UFW is named where it writes what the baseline does not want") {
  CHECK(plan_for("ubuntu-24.04-ufw", "baseline").find("later-writer net.ipv4.tcp_syncookies!\n") != std::string::npos);
}
