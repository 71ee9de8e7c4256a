// The built-in profiles on the hosts that the contract names.
#include <doctest/doctest.h>

#include "support/memory_host.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

Plan plan_profile(const PlanHost& box, const std::string& name) {
  MemoryFiles files;
  const Result<Desired> wish = resolve_desired({.profiles = {name}, .assignments = {}, .profile_dir = {}}, files);
  REQUIRE(wish.has_value());
  const Result<Plan> plan = make_plan(*wish, box.snapshot, {});
  REQUIRE(plan.has_value());
  return *plan;
}

}  // namespace

TEST_CASE("baseline plans to no change, and warns of nothing, on the defaults of today's stock kernels") {
  for (const char* kernel : {"6.1.0-30-amd64", "6.12.9-amd64", "6.8.0-51-generic", "5.14.0-503.el9.x86_64"}) {
    CAPTURE(kernel);
    const Plan plan = plan_profile(host().kernel(kernel), "baseline");
    CHECK_FALSE(changes_anything(plan));
    CHECK(plan.hazards.empty());
    CHECK(notes_of(plan) == std::vector<std::string>{"net.ipv4.tcp_tw_recycle is skipped: removed in Linux 4.12"});
  }
}

TEST_CASE("classic changes what it can and is told what it asks for in vain, without being refused") {
  const Plan plan = plan_profile(host().live("tcp_fin_timeout", "17"), "classic");
  CHECK(changes_anything(plan));
  CHECK_FALSE(blocked(plan));
  CHECK(hazard_ids(plan) == std::vector<std::string>{"removed", "not-time-wait"});
}

TEST_CASE("classic is refused on a kernel that still has tcp_tw_recycle") {
  const Plan plan = plan_profile(host().kernel("4.9.0-19-amd64"), "classic");
  CHECK(hazard_ids(plan) == std::vector<std::string>{"tw-recycle", "not-time-wait"});
  CHECK(blocked(plan));
}

TEST_CASE("busy-client and reverse-proxy ask for nothing that their own plan warns against") {
  for (const std::string name : {"busy-client", "reverse-proxy"}) {
    CAPTURE(name);
    CHECK(hazard_ids(plan_profile(host(), name)).empty());
  }
}

TEST_CASE("busy-client and reverse-proxy are refused by no stock host") {
  for (const std::string name : {"busy-client", "reverse-proxy"}) {
    CAPTURE(name);
    const Plan plan = plan_profile(host(), name);
    CHECK(changes_anything(plan));
    CHECK_FALSE(blocked(plan));
  }
}
