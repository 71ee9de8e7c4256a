// Every hazard of the catalogue is one that a plan can find, in the contract's order and with its blocking flag.
#include <doctest/doctest.h>

#include "catalog/finding.hpp"
#include "plan/hazards.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("every catalogue row of a hazard has a finder, and every finder a row") {
  std::vector<std::string> rows;
  for (const HazardRow& row : hazard_rows()) rows.emplace_back(row.id);
  std::vector<std::string> finders;
  for (const std::string_view id : findable_hazards()) finders.emplace_back(id);
  CHECK(finders == rows);
}

TEST_CASE("a hazard blocks and cites what its row says") {
  const Plan plan = host().plan({"tcp_fin_timeout = 75"});
  REQUIRE(hazard_ids(plan) == std::vector<std::string>{"fin-timeout-trap"});
  const HazardRow& row = *find_hazard("fin-timeout-trap");
  CHECK(plan.hazards[0].blocking == row.blocks);
  CHECK(plan.hazards[0].source == row.sources.first());
}

TEST_CASE("a stock host has no hazard in a plan without a change") {
  CHECK(host().plan({"tcp_fin_timeout = <= 60", "tcp_syncookies = 1 | 2", "somaxconn = >= 4096"}).hazards.empty());
}
