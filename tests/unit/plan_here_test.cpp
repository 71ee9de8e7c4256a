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
