// Every hazard of the catalogue is one that a plan can find, in the contract's order and with its blocking flag.
#include <doctest/doctest.h>

#include "catalog/finding.hpp"
#include "rules/plan_rules.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("every catalogue row of a hazard has a finder, and every finder a row") {
  std::vector<std::string> rows;
  for (const FindingRow& row : hazard_rows()) rows.emplace_back(row.id);
  std::vector<std::string> finders;
  for (const Rule<PlanView>& rule : plan_rules()) finders.emplace_back(rule.id);
  CHECK(finders == rows);
}

TEST_CASE("a hazard blocks and cites what its row says") {
  const Plan plan = host().plan({"tcp_fin_timeout = 75"});
  REQUIRE(hazard_ids(plan) == std::vector<std::string>{"fin-timeout-trap"});
  const FindingRow& row = *find_hazard("fin-timeout-trap");
  CHECK(plan.hazards[0].row == &row);
  CHECK(plan.hazards[0].source == row.sources.first());
}

TEST_CASE("a hazard cites what its own words rest on, where the row's first source is about something else") {
  const auto source = [](const Plan& plan) { return plan.hazards.empty() ? "" : plan.hazards.front().source; };
  CHECK(source(host().plan({"tcp_tw_recycle = 1"})) == find_setting_by_any_name("tcp_tw_recycle")->sources.first());
  CHECK(source(host().plan({"tcp_syncookies = 0"})) == "RFC 4987");
  CHECK(source(host().live("tcp_tw_reuse", "0").plan({"tcp_timestamps = 0"}, scope(Scope::live))) == "RFC 7323");
  CHECK(source(host().loader(Loader::none).plan({"somaxconn = 5000"})) == "sysctl.d(5); sysctl(8), --system");
  const auto by = [&](std::string name) {
    return source(
        host()
            .later_writer({.name = std::move(name), .evidence = "/seen/here", .writes = {{"net.core.somaxconn", ""}}})
            .plan({"somaxconn = 4096"}));
  };
  CHECK(by("TuneD") == "tuned.conf(5)");
  CHECK(by("Cilium") == "/seen/here");
  const LaterWriter ufw{.name = "UFW",
                        .evidence = "/seen/here",
                        .when = WriteTime::before_network,
                        .writes = {{"net.core.somaxconn", "1", {"/etc/ufw/sysctl.conf", 1}}}};
  CHECK(source(host().later_writer(ufw).plan({"somaxconn = 4096"})) == "ufw-framework(8), IPT_SYSCTL");
}

TEST_CASE("a stock host has no hazard in a plan without a change") {
  CHECK(host().plan({"tcp_fin_timeout = <= 60", "tcp_syncookies = 1 | 2", "somaxconn = >= 4096"}).hazards.empty());
}
