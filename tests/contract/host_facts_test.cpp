// What is true of a host as a whole, read off the files of an image or a captured host.
#include <doctest/doctest.h>

#include <cstdlib>

#include "platform/linux/surroundings.hpp"
#include "platform/platform.hpp"
#include "platform/posix/run.hpp"
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
  CHECK(facts_of(tree).kernel_release == "6.1.0-31-amd64");
  tree.file("/lib/modules/6.12.9-amd64/modules.builtin", "");
  CHECK(facts_of(tree).kernel_release == "");
}

TEST_CASE("B10: a tree without the link /lib has its kernel's modules below /usr") {
  Tree tree;
  tree.file("/usr/lib/modules/6.1.0-30-amd64/modules.builtin", "");
  CHECK(facts_of(tree).kernel == KernelVersion{6, 1, 0});
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

// What decides how long a watchdog lives.

namespace {

using Surroundings = DeadlineTimers::Surroundings;

Surroundings surroundings_of(const Tree& tree) {
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  REQUIRE(platform.has_value());
  return (*platform)->timers().surroundings();
}

// In a pid namespace of its own, whose process 1 has that name.
Tree& with_init(Tree& tree, const std::string& init) {
  tree.link("/proc/self/ns/pid", "pid:[4026532000]").file("/proc/self/status", "Name:\ttwctl\nNSpid:\t7\n");
  return tree.file("/proc/1/comm", init + "\n");
}

std::string unit_of(const std::string& cgroup, const std::string& of_init = "0::/init.scope\n") {
  Tree tree;
  tree.directory("/run/systemd/system").file("/proc/1/cgroup", of_init).file("/proc/self/cgroup", cgroup);
  return surroundings_of(tree).unit;
}

}  // namespace

TEST_CASE("H05: process 1 of a pid namespace outlives sessions if it is one of the known inits") {
  for (const char* init : {"systemd", "openrc-init", "s6-svscan", "runit"}) {
    Tree tree;
    CHECK(surroundings_of(with_init(tree, init)).mortal_init == std::nullopt);
  }
  for (const char* init : {"sh", "twctl", "tini", "docker-init", "init", ""}) {
    Tree tree;
    CHECK(surroundings_of(with_init(tree, init)).mortal_init == init);
  }
  for (const char* sign : {"/run/openrc", "/run/initctl"}) {
    Tree tree;
    with_init(tree, "init").directory(sign);
    CHECK(surroundings_of(tree).mortal_init == std::nullopt);
  }
}

TEST_CASE("H05: what is said of process 1 is said of this pid namespace's own, and of no other than the host's") {
  Tree host;
  host.link("/proc/self/ns/pid", "pid:[4026531836]")
      .file("/proc/self/status", "NSpid:\t7\n")
      .file("/proc/1/comm", "sh\n");
  CHECK(surroundings_of(host).mortal_init == std::nullopt);
  // As after `unshare --pid --fork` without --mount-proc: /proc/1 is the host's systemd.
  Tree outer;
  with_init(outer, "systemd").file("/proc/self/status", "Name:\ttwctl\nNSpid:\t4711\t7\n");
  CHECK(surroundings_of(outer).mortal_init == "");
  Tree image;
  CHECK(surroundings_of(image) == Surroundings{});
}

TEST_CASE("H05: the path unit can be enabled where systemd runs the host and a folder of units has it") {
  const auto installed = [](const Tree& tree, bool own_boot) {
    const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
    REQUIRE(platform.has_value());
    return find_surroundings((*platform)->files(), own_boot).path_unit_installed;
  };
  for (const char* folder : {"/etc", "/usr/local/lib", "/usr/lib", "/lib"}) {
    Tree tree;
    tree.file(std::string(folder) + "/systemd/system/twctl-deadline.path", "");
    CHECK_FALSE(installed(tree, true));
    tree.directory("/run/systemd/system");
    CHECK(installed(tree, true));
    CHECK_FALSE(installed(tree, false));
  }
  Tree without;
  without.directory("/run/systemd/system").file("/etc/systemd/system/cron.service", "");
  CHECK_FALSE(installed(without, true));
}

TEST_CASE("H05: the unit that this process ends with is the outermost service, else the innermost scope") {
  CHECK(unit_of("0::/system.slice/cron.service\n") == "cron.service");
  CHECK(unit_of("0::/user.slice/user-0.slice/session-3.scope\n") == "session-3.scope");
  CHECK(unit_of("0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n") ==
        "user@1000.service");
  CHECK(unit_of("9:name=systemd:/system.slice/cron.service\n1:cpu:/\n0::/\n", "9:name=systemd:/init.scope\n0::/\n") ==
        "cron.service");
  CHECK(unit_of("0::/machine.slice/systemd-nspawn@a.service/payload/user.slice/session-c1.scope\n",
                "0::/machine.slice/systemd-nspawn@a.service/payload/init.scope\n") == "session-c1.scope");
  CHECK(unit_of("0::/\n") == "");
  CHECK(unit_of("") == "");
  Tree without_systemd;
  without_systemd.file("/proc/self/cgroup", "0::/system.slice/cron.service\n");
  CHECK(surroundings_of(without_systemd).unit == "");
}

TEST_CASE("N23: of SUDO_USER 255 bytes are recorded, and what is longer is no user's name") {
  const auto claimed = [](std::size_t bytes) {
    setenv("SUDO_USER", std::string(bytes, 'a').c_str(), 1);
    std::string user = make_run(false)->facts().sudo_user;
    unsetenv("SUDO_USER");
    return user.size();
  };
  CHECK(claimed(255) == 255);
  CHECK(claimed(256) == 0);
}
