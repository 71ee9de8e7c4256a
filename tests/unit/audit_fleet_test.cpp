#include <doctest/doctest.h>

#include "audit/audit_host.hpp"
#include "audit/fleet.hpp"
#include "report/audit_formats.hpp"
#include "report/audit_json.hpp"
#include "report/audit_text.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

Audit host_with(std::string name, std::string syncookies, std::string fin_timeout) {
  PlanHost one = host();
  one.live("tcp_syncookies", std::move(syncookies)).live("tcp_fin_timeout", std::move(fin_timeout));
  one.snapshot.host.hostname = std::move(name);
  return audit_snapshot(one.snapshot);
}

// "warning drift net.ipv4.tcp_fin_timeout 2 web1", one for each finding.
std::vector<std::string> rows(const Fleet& fleet) {
  std::vector<std::string> rows;
  for (const Finding& finding : fleet.summary().findings) {
    rows.push_back(std::string(name_of(finding.severity)) + " " + std::string(finding.row->id) + " " + finding.key +
                   " " + std::to_string(finding.figures[0].value) + " " + finding.subject);
  }
  return rows;
}

}  // namespace

TEST_CASE("a fleet has each finding once, with how many hosts have it and the first of them") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "60"));
  fleet.add(1, "1.json", host_with("web1", "1", "30"));
  fleet.add(2, "2.json", host_with("web2", "1", "20"));
  CHECK(fleet.hosts() == 3);
  CHECK(rows(fleet) == std::vector<std::string>{"warning drift net.ipv4.tcp_fin_timeout 2 web1"});
}

TEST_CASE("the first host is the first that was asked for, whichever thread met it first") {
  Fleet late(true);
  late.add(5, "5.json", host_with("web5", "1", "30"));
  Fleet early(true);
  early.add(2, "2.json", host_with("web2", "1", "30"));
  early.add_broken(1, Error{.message = "not JSON"});
  late.merge(std::move(early));
  CHECK(rows(late) == std::vector<std::string>{"warning drift net.ipv4.tcp_fin_timeout 2 web2"});
  REQUIRE(late.lines().size() == 2);
  CHECK(late.lines()[0].host == "web2");
  CHECK(late.lines()[0].findings == std::vector<std::string>{"drift net.ipv4.tcp_fin_timeout"});
  CHECK(late.broken().size() == 1);
}

TEST_CASE("a host without a name goes by its file") {
  Fleet fleet(false);
  fleet.add(0, "x.json", host_with("", "1", "30"));
  CHECK(rows(fleet) == std::vector<std::string>{"warning drift net.ipv4.tcp_fin_timeout 1 x.json"});
}

TEST_CASE("a fleet of both systems was looked at for what either can have, in one order whoever came first") {
  const Audit server = audit_snapshot(host().snapshot);
  const Audit pc = audit_snapshot(host().windows("10.0.20348").snapshot);
  Fleet first(false);
  first.add(0, "0.json", server);
  first.add(1, "1.json", pc);
  Fleet second(false);
  second.add(1, "1.json", pc);
  Fleet other(false);
  other.add(0, "0.json", server);
  second.merge(other);
  CHECK(first.summary().checks == second.summary().checks);
  CHECK(first.summary().checks.size() == server.checks.size() + pc.checks.size());
}

TEST_CASE("X6: every host of a finding can be had") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "60"));
  fleet.add(1, "1.json", host_with("web1", "1", "30"));
  fleet.add(2, "2.json", host_with("web2", "1", "20"));
  REQUIRE(fleet.summary().findings.size() == 1);
  CHECK(fleet.summary().findings[0].hosts == std::vector<std::string>{"web1", "web2"});
  CHECK(fleet_json(fleet, {}).find("\"hosts\": [\n        \"web1\",\n        \"web2\"\n      ]") != std::string::npos);
  const std::string junit = fleet_junit(fleet, {});
  CHECK(junit.find("<testsuite name=\"twctl audit: web0\" tests=\"1\" failures=\"0\"") != std::string::npos);
  CHECK(junit.find("<testsuite name=\"twctl audit: web2\" tests=\"1\" failures=\"1\"") != std::string::npos);
  CHECK(fleet_text(fleet, {}, {}, Detail::verbose).find("on web1, web2\n") != std::string::npos);
  CHECK(fleet_text(fleet, {}, {}, Detail::normal).find("web2") == std::string::npos);
}
