// What audit finds in a snapshot of a Windows host: its registry's values, and nothing of Linux.
#include <doctest/doctest.h>

#include "audit/audit_host.hpp"
#include "support/audited.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;
using Lines = std::vector<std::string>;

namespace {

PlanHost audited_server() { return host().windows("10.0.20348"); }

Audit with_delay(std::string value) {
  return audit_snapshot(audited_server().live("TcpTimedWaitDelay", std::move(value)).snapshot);
}

}  // namespace

TEST_CASE("Windows: a stock host has no finding, and is looked at for what registries can have only") {
  const Audit audit = audit_snapshot(audited_server().snapshot);
  CHECK(found_in(audit).empty());
  CHECK(audit.settings.empty());
  CHECK(audit.files.empty());
  CHECK(audit.checks == std::vector<std::string_view>{"reg-no-effect", "reg-obsolete", "reg-out-of-range",
                                                      "reg-time-wait-short", "reg-unreadable"});
}

TEST_CASE("Windows: a value of another type, out of its build's range, short or of old guides is found") {
  CHECK(found_in(with_delay("60")).empty());
  CHECK(evidence_of(with_delay("hex(1):33,00,30,00,00,00"), "reg-no-effect") ==
        "\"hex(1):33,00,30,00,00,00\" is no REG_DWORD of four bytes.");
  CHECK(evidence_of(with_delay("301"), "reg-out-of-range") == "301 is outside 2 to 300.");
  CHECK(found_in(with_delay("29")) == Lines{"reg-time-wait-short"});
  CHECK(found_in(with_delay("30")).empty());
  const PlanHost old = host().windows("6.2.9200").live("TcpTimedWaitDelay", "29");
  CHECK(evidence_of(audit_snapshot(old.snapshot), "reg-out-of-range") == "29 is outside 30 to 300.");
  const PlanHost guide =
      audited_server().live("MaxUserPort", "65534").live("StrictTimeWaitSeqCheck", "hex(1):31,00,00,00");
  CHECK(found_in(audit_snapshot(guide.snapshot)) == Lines{"reg-obsolete", "reg-obsolete"});
}

TEST_CASE("Windows: a value that is too long to be read is there all the same") {
  const PlanHost host = audited_server().too_long("TcpTimedWaitDelay").too_long("MaxUserPort");
  const Audit audit = audit_snapshot(host.snapshot);
  CHECK(found_in(audit) == Lines{"reg-no-effect", "reg-obsolete"});
  CHECK(evidence_of(audit, "reg-no-effect") ==
        "What stands there is no REG_DWORD of four bytes: it is larger than 4 KiB.");
}

TEST_CASE("Windows: values that may not be read are one finding") {
  CHECK(evidence_of(audit_snapshot(audited_server().denied("TcpTimedWaitDelay").snapshot), "reg-unreadable") ==
        "TcpTimedWaitDelay: Permission denied.");
  PlanHost closed = audited_server();
  for (const Setting& setting : settings(Os::windows)) closed.denied(setting.key);
  const Audit audit = audit_snapshot(closed.snapshot);
  CHECK(found_in(audit) == Lines{"reg-unreadable"});
  CHECK(audit.findings[0].evidence == "TcpTimedWaitDelay and 11 more: Permission denied.");
  CHECK(audit.findings[0].severity == Severity::warning);
}

TEST_CASE("Windows: a value under Interfaces is found, once a setting, however many interfaces have it") {
  PlanHost one = audited_server().stray("TcpTimedWaitDelay", "Interfaces\\{1}", "30");
  CHECK(evidence_of(audit_snapshot(one.snapshot), "reg-no-effect") ==
        "It is not read under Interfaces: 30 in Interfaces\\{1}.");
  for (const char* place : {"Interfaces", "Interfaces\\{3}", "Interfaces\\{4}", "Interfaces\\{5}"}) {
    one.stray("TcpTimedWaitDelay", place, "hex(1):33,00");
  }
  one.stray("MaxUserPort", "Interfaces\\{1}", "65534");
  const Audit audit = audit_snapshot(one.snapshot);
  CHECK(found_in(audit) == Lines{"reg-no-effect", "reg-obsolete"});
  CHECK(audit.findings[0].evidence ==
        "It is not read under Interfaces: 30 in Interfaces\\{1}, hex(1):33,00 in Interfaces, hex(1):33,00 in "
        "Interfaces\\{3} and 2 more.");
  CHECK(audit.findings[1].key == "MaxUserPort");
  one.snapshot.strays = {{"TcpTimedWaitDelay", "Interfaces", {LiveValue::State::unreadable, "", false, "too long"}}};
  CHECK(evidence_of(audit_snapshot(one.snapshot), "reg-no-effect") ==
        "It is not read under Interfaces: what cannot be read in Interfaces.");
}

TEST_CASE("Windows: a host is held to a profile") {
  Audit audit = audit_snapshot(audited_server().snapshot);
  REQUIRE(hold_to_profile(audit, audited_server().snapshot, desired({"TcpTimedWaitDelay = 60"})).has_value());
  CHECK(evidence_of(audit, "profile-unmet") == "registry absent;  asks for 60.");
  Audit as_wanted = with_delay("60");
  REQUIRE(hold_to_profile(as_wanted, audited_server().live("TcpTimedWaitDelay", "60").snapshot,
                          desired({"TcpTimedWaitDelay = 60"}))
              .has_value());
  CHECK(found_in(as_wanted).empty());
}
