// docs/hostile-input.md, K, N and E20: what /proc may look like; and plans against the real kernel, in namespaces of
// their own.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/in_namespace.hpp"
#include "support/program.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;

namespace {

constexpr const char* kFinTimeout = "/proc/sys/net/ipv4/tcp_fin_timeout";

// Code, standard output and standard error of a run, as one text that can leave the namespace.
std::string told(const std::vector<std::string>& args) {
  const Finished run = run_program({.args = args});
  return std::to_string(run.code) + "\n" + run.out + "--\n" + run.err;
}

bool cover(const std::string& what, const char* with, unsigned long flags) {
  return mount(with, what.c_str(), "tmpfs", flags, nullptr) == 0;
}

}  // namespace

#define IN_NAMESPACE(name, ...)                         \
  const auto name = in_namespace([&] { __VA_ARGS__; }); \
  if (!name) SKIP_TEST("this system lets us make no namespaces")

TEST_CASE("plan shows what the kernel really holds: 17 -> 30") {
  IN_NAMESPACE(said, {
    std::string problem = put(kFinTimeout, "17\n");
    return problem.empty() ? told({"plan", "classic"}) : problem;
  });
  CHECK(said->starts_with("2\n"));
  CHECK(said->find("\n~ net.ipv4.tcp_fin_timeout  change   30      17 -> 30  ") != std::string::npos);
}

TEST_CASE("plan changes nothing: every value under /proc/sys/net is as before") {
  IN_NAMESPACE(same, {
    const auto values = [] { return run_program({.args = {"-r", ".", "/proc/sys/net"}, .path = "/usr/bin/grep"}).out; };
    const std::string before = values();
    for (const char* profile : {"classic", "reverse-proxy", "nonsense"}) (void)told({"plan", profile});
    return before.size() > 1000 && values() == before ? "same" : "changed";
  });
  CHECK(*same == "same");
}

TEST_CASE("K15: a tmpfs in the place of /proc/sys is refused") {
  IN_NAMESPACE(said, {
    if (!cover("/proc/sys", "tmpfs", 0)) return std::string("no mount");
    return told({"plan"});
  });
  CHECK(*said ==
        "69\n--\n"
        "twctl: /proc/sys is not procfs: something is mounted over it, or this kernel lacks it\n"
        "  hint: see `findmnt -R /proc`\n");
}

TEST_CASE("K16: a file that is mounted over a key is refused") {
  Tree tree;
  tree.file("/sixty", "60\n");
  IN_NAMESPACE(said, {
    if (!cover(kFinTimeout, tree.at("/sixty").c_str(), MS_BIND)) return std::string("no mount");
    return told({"plan"});
  });
  CHECK(*said ==
        "77\n--\n"
        "twctl: /proc/sys/net/ipv4/tcp_fin_timeout is not the kernel's own file: another file is mounted over it\n"
        "  hint: see `findmnt -R /proc`, and unmount what lies over it\n");
}

TEST_CASE("K18, N03: where /proc/sys is read-only, an equal value is fine and a change is 77, shown whole") {
  const auto read_only = [](const std::vector<std::string>& args) {
    const bool bound = cover("/proc/sys", "/proc/sys", MS_BIND | MS_REC) &&
                       cover("/proc/sys", "none", MS_BIND | MS_REMOUNT | MS_RDONLY);
    return bound ? told(args) : "no mount";
  };
  IN_NAMESPACE(fine, return read_only({"plan", "--scope", "live"}));
  CHECK(fine->starts_with("0\n"));
  IN_NAMESPACE(refused, return read_only({"plan", "-q", "--set", "net.ipv4.tcp_fin_timeout=30"}));
  CHECK(*refused ==
        "77\n"
        "! net.ipv4.tcp_fin_timeout  read-only  60 (want 30)  60 -> 30  default\n"
        "--\n"
        "twctl: net.ipv4.tcp_fin_timeout cannot be written: read-only on this host\n"
        "  hint: in a container, change it where the container is started\n");
}

TEST_CASE("E20, N06: without a procfs there is nothing to plan with") {
  IN_NAMESPACE(said, {
    if (!cover("/proc", "tmpfs", 0)) return std::string("no mount");
    return told({"plan"});
  });
  CHECK(*said ==
        "69\n--\n"
        "twctl: /proc is not procfs: there are no live settings to read\n"
        "  hint: mount it: mount -t proc proc /proc\n");
}

TEST_CASE("--netns plans for another network namespace, live only") {
  IN_NAMESPACE(said, {
    std::string problem = put(kFinTimeout, "17\n");
    if (!problem.empty()) return problem;
    const int here = open("/proc/self/ns/net", O_RDONLY);
    if (unshare(CLONE_NEWNET) != 0) return std::string("no second namespace");
    return told({"plan", "--json", "--set", "net.ipv4.tcp_fin_timeout=30", "--netns",
                 "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(here)});
  });
  CHECK(said->starts_with("2\n"));
  CHECK(said->find("\"scope\": \"live\"") != std::string::npos);
  CHECK(said->find("\"before\": \"17\"") != std::string::npos);
}
