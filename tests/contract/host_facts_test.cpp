// What is true of a host as a whole, read off the files of an image or a captured host.
#include <doctest/doctest.h>

#include "platform/platform.hpp"
#include "support/tree.hpp"

using namespace twctl;
using twctl::test::Tree;

namespace {

HostFacts facts_of(const Tree& tree) {
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  REQUIRE(platform.has_value());
  return (*platform)->host_facts().value();
}

Tree& with_systemd(Tree& tree) { return tree.file("/usr/lib/systemd/systemd-sysctl", ""); }

}  // namespace

TEST_CASE("an image says what it can: nothing live, its distribution, the one kernel that it has modules for") {
  Tree tree;
  tree.file("/usr/lib/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (\\\"bookworm\\\")\"\n");
  tree.link("/etc/os-release", "../usr/lib/os-release").file("/etc/hostname", "web1\n");
  tree.file("/lib/modules/6.1.0-30-amd64/modules.builtin", "");
  const HostFacts facts = facts_of(tree);
  CHECK_FALSE(facts.live);
  CHECK_FALSE(facts.captured);
  CHECK(facts.distribution == "Debian GNU/Linux 12 (\"bookworm\")");
  CHECK(facts.hostname == "web1");
  CHECK(facts.kernel == KernelVersion{6, 1, 0});
  tree.file("/lib/modules/6.1.0-31-amd64/modules.builtin", "");
  CHECK(facts_of(tree).kernel_release == "");
}

TEST_CASE("a captured host has live values, of the kernel that they were taken from") {
  Tree tree;
  tree.file("/proc/sys/kernel/osrelease", "4.9.0-19-amd64\n").file("/proc/sys/kernel/hostname", "old\n");
  tree.file("/proc/sys/kernel/random/boot_id", "5368235e\n").file("/proc/sys/net/ipv4/tcp_fin_timeout", "60\n");
  const HostFacts facts = facts_of(tree);
  CHECK(facts.live);
  CHECK(facts.captured);
  CHECK(facts.kernel == KernelVersion{4, 9, 0});
  CHECK(facts.hostname == "old");
  CHECK(facts.boot_id == "5368235e");
  CHECK(facts.network_namespace == "");
  CHECK(facts.initial_network_namespace);
}

TEST_CASE("hostile facts are kept as they are: who prints them escapes them") {
  Tree tree;
  tree.file("/etc/os-release", "PRETTY_NAME=\"x\x1b[2J\"\n").file("/etc/hostname", "a\xe2\x80\xae\n");
  CHECK(facts_of(tree).distribution == "x\x1b[2J");
  CHECK(facts_of(tree).hostname == "a\xe2\x80\xae");
}

TEST_CASE("the loader is systemd where systemd is the init, by its link or its marks") {
  Tree linked;
  with_systemd(linked).link("/sbin/init", "../lib/systemd/systemd");
  CHECK(facts_of(linked).loader == Loader::systemd);
  Tree running;
  with_systemd(running).directory("/run/systemd/system");
  CHECK(facts_of(running).loader == Loader::systemd);
  Tree plain;
  CHECK(facts_of(with_systemd(plain)).loader == Loader::systemd);
}

TEST_CASE("the loader is procps where another init has its script, even with systemd's files installed") {
  Tree tree;
  with_systemd(tree).file("/sbin/init", "").file("/etc/init.d/procps", "");
  CHECK(facts_of(tree).loader == Loader::procps);
  tree.file("/proc/1/comm", "init\n");
  CHECK(facts_of(tree).loader == Loader::procps);
  Tree openrc;
  openrc.link("/sbin/init", "/bin/busybox").file("/etc/init.d/sysctl", "");
  CHECK(facts_of(openrc).loader == Loader::procps);
}

TEST_CASE("nobody reads the files at boot where process 1 is an application, or systemd's unit is masked") {
  Tree container;
  with_systemd(container).link("/sbin/init", "/lib/systemd/systemd").file("/etc/init.d/procps", "");
  container.file("/proc/1/comm", "nginx\n");
  CHECK(facts_of(container).loader == Loader::none);
  Tree masked;
  with_systemd(masked).link("/etc/systemd/system/systemd-sysctl.service", "/dev/null");
  CHECK(facts_of(masked).loader == Loader::none);
  const Tree empty;
  CHECK(facts_of(empty).loader == Loader::none);
}

TEST_CASE("a container is told by its manager's mark or its environment") {
  Tree marked;
  marked.file("/run/systemd/container", "lxc\n");
  CHECK(facts_of(marked).container == "lxc");
  Tree environment;
  environment.file("/proc/1/environ", std::string("A=b\0container=podman\0", 21));
  CHECK(facts_of(environment).container == "podman");
  Tree docker;
  docker.file("/.dockerenv", "");
  CHECK(facts_of(docker).container == "docker");
}

TEST_CASE("a machine that boots a disk made from a container image is none") {
  Tree tree;
  tree.file("/.dockerenv", "").link("/proc/self/ns/pid", "pid:[4026531836]");
  CHECK(facts_of(tree).container == "");
}

TEST_CASE("a captured host that lacks the host-wide settings only was not in the initial namespace") {
  Tree tree;
  tree.file("/proc/sys/net/ipv4/tcp_fin_timeout", "60\n");
  CHECK(facts_of(tree).initial_network_namespace);
  tree.file("/proc/sys/net/ipv4/tcp_retries2", "15\n");
  CHECK_FALSE(facts_of(tree).initial_network_namespace);
  tree.file("/proc/sys/net/ipv4/tcp_max_orphans", "65536\n");
  CHECK(facts_of(tree).initial_network_namespace);
}
