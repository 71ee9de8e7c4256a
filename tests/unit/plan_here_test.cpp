// Platform x Desired -> Plan: the host is asked for what the plan turns out to need.
#include "plan/plan_here.hpp"

#include <doctest/doctest.h>

#include "support/memory_host.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

class CountingHost : public MemoryHost {
 public:
  int walks = 0;
  std::size_t asked_for = 0;
  bool complete = true;
  OtherNamespaces other_network_namespaces(std::size_t most_processes) override {
    ++walks;
    asked_for = most_processes;
    return {.count = namespaces, .complete = complete};
  }
};

}  // namespace

TEST_CASE("plan_here: other namespaces are counted where a live write needs the number") {
  CountingHost machine;
  machine.store.set("net.ipv4.tcp_fin_timeout", "60");
  machine.namespaces = 3;
  const auto plan = plan_here(machine, desired({"tcp_fin_timeout = 30"}), {});
  REQUIRE(plan.has_value());
  CHECK(machine.walks == 1);
  CHECK(texts(*plan, "other-namespaces").size() == 1);
}

TEST_CASE(
    "plan_here: on a host of any size a few processes are looked at, and the number is said to be a lower bound") {
  CountingHost machine;
  machine.store.set("net.ipv4.tcp_fin_timeout", "60");
  machine.namespaces = 3;
  machine.complete = false;
  const auto plan = plan_here(machine, desired({"tcp_fin_timeout = 30"}), {});
  REQUIRE(plan.has_value());
  CHECK(machine.asked_for < 100);
  CHECK(text_of(*plan, "other-namespaces").starts_with("At least 3 other"));
}

TEST_CASE("plan_here: nobody walks every process where nothing is written live") {
  CountingHost machine;
  machine.store.set("net.ipv4.tcp_fin_timeout", "30");
  machine.namespaces = 3;
  const auto plan = plan_here(machine, desired({"tcp_fin_timeout = 30"}), {});
  REQUIRE(plan.has_value());
  CHECK(machine.walks == 0);
  CHECK(texts(*plan, "other-namespaces").empty());
}

TEST_CASE("plan_here: a tree whose kernel is not known is planned for the one that it probably boots, and says so") {
  MemoryHost tree;
  tree.facts.distribution = "AlmaLinux 9.4 (Seafoam Ocelot)";
  tree.facts.loader = Loader::systemd;
  tree.facts.live = false;
  tree.facts.kernel = {};
  tree.facts.kernel_release.clear();
  const auto plan_of = [&] {
    return plan_here(tree, desired({"tcp_tw_recycle = 1", "tcp_fin_timeout = 60"}), {}).value();
  };
  const Plan by_distribution = plan_of();
  CHECK(by_distribution.host.kernel_release == "5.14.0.el9");
  CHECK(notes_of(by_distribution).at(1) ==
        "the kernel's version is not known: it is taken as 5.14.0.el9, the one that its distribution came with");
  CHECK(by_distribution.settings.at(0).verdict() == Verdict::removed);
  CHECK(by_distribution.settings.at(1).verdict() == Verdict::ok);  // its default
  tree.disk.files["/lib/modules/3.10.0-1160.el7.x86_64/modules.builtin"] = "";
  CHECK(hazard_ids(plan_of()) == std::vector<std::string>{"tw-recycle"});
  tree.disk.files["/lib/modules/6.12.1/modules.builtin"] = "";
  CHECK(notes_of(plan_of()).at(1) ==
        "the kernel's version is not known: it is taken as 6.12.1, the newest below /lib/modules");
  tree.facts.kernel = {6, 1, 0};
  tree.facts.kernel_release = "6.1.0";
  CHECK(notes_of(plan_of()).size() < notes_of(by_distribution).size());
}
