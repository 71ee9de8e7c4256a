// The kernel's command line: which parameters assign a setting, and where they stand among the boot files.
#include "sysctl/command_line.hpp"

#include <doctest/doctest.h>

#include "observe/observe.hpp"
#include "support/memory_host.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string said(std::string_view text) {
  std::string all;
  for (const Assignment& one : read_command_line(text).assignments) all += one.key + "=" + one.value + ";";
  return all;
}

PlanHost booted_with(std::string parameters) {
  return host().file(std::string(kKernelCommandLine), std::move(parameters));
}

}  // namespace

TEST_CASE("sysctl.KEY=VALUE assigns, written with dots or slashes, quoted or not") {
  CHECK(said("ro quiet sysctl.net.ipv4.tcp_fin_timeout=30 x=1\n") == "net.ipv4.tcp_fin_timeout=30;");
  CHECK(said("sysctl/net/ipv4/tcp_fin_timeout=30") == "net.ipv4.tcp_fin_timeout=30;");
  CHECK(said("sysctl.net.ipv4.ip_local_port_range=\"15000 65535\"") == "net.ipv4.ip_local_port_range=15000 65535;");
  CHECK(said("\"sysctl.net.ipv4.ip_local_port_range=15000 65535\"") == "net.ipv4.ip_local_port_range=15000 65535;");
}

TEST_CASE("what has no value, another name, or comes after -- is none of the kernel's settings") {
  CHECK(said("sysctl.net.ipv4.tcp_fin_timeout sysctl.net.core.somaxconn= sysctlx.y=1 mysysctl.z=1") == "");
  CHECK(said("a=1 -- sysctl.net.ipv4.tcp_fin_timeout=30") == "");
  CHECK(said("") == "");
  CHECK(said("\"") == "");
}

TEST_CASE("a setting of the command line is there at the next boot, and says where it is from") {
  const Plan plan =
      booted_with("sysctl.net.ipv4.tcp_fin_timeout=30").plan({"tcp_fin_timeout = 30"}, scope(Scope::boot));
  CHECK(plan.settings[0].boot == "30");
  CHECK(plan.settings[0].boot_origin == Place{.file = "kernel command line"});
  CHECK(boot_verdict(plan) == "ok");
}

TEST_CASE("every boot file is read later and wins over the command line, ours too") {
  PlanHost box = booted_with("sysctl.net.ipv4.tcp_fin_timeout=30 sysctl.net.ipv4.tcp_fin_timeout=40");
  CHECK(writes(box.plan({"tcp_fin_timeout = 20"}, scope(Scope::boot))) == "boot (none) -> 20");
  CHECK(box.plan({"tcp_fin_timeout = 20"}).settings[0].boot == "40");
  box.file("/etc/sysctl.d/10-a.conf", "net.ipv4.tcp_fin_timeout = 25\n");
  CHECK(box.plan({"tcp_fin_timeout = 20"}).settings[0].boot_origin == Place{"/etc/sysctl.d/10-a.conf", 1});
}

TEST_CASE("a value of the command line that the kernel refuses leaves the default, with a note") {
  const Plan plan = booted_with("sysctl.net.ipv4.tcp_fin_timeout=many").plan({"tcp_fin_timeout = 60"});
  CHECK(plan.settings[0].boot == "60");
  CHECK(plan.settings[0].boot_origin == std::nullopt);
  REQUIRE(plan.notes.size() == 1);
  CHECK(plan.notes[0].text.starts_with("kernel command line: the kernel refuses this value, so it has no effect: "));
}

TEST_CASE("the command line is observed where the kernel reads settings from it") {
  MemoryHost machine;
  machine.disk.files["/proc/cmdline"] = "ro sysctl.net.ipv4.tcp_fin_timeout=30";
  const auto seen = [&] { return observe(machine, {})->boot_files.size(); };
  CHECK(seen() == 1);
  machine.facts.kernel = {5, 7, 19};
  CHECK(seen() == 0);
  machine.facts.kernel = {5, 8, 0};
  CHECK(seen() == 1);
  machine.facts.initial_network_namespace = false;
  CHECK(seen() == 0);
  machine.facts.initial_network_namespace = true;
  machine.disk.files["/proc/cmdline"] = "ro quiet";
  CHECK(seen() == 0);
}
