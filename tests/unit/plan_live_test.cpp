// The live layer's verdicts.
#include <doctest/doctest.h>

#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("a live value that differs is a change, written to what the profile says") {
  const Plan plan = host().live("tcp_fin_timeout", "17").plan({"tcp_fin_timeout = 30"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "change");
  CHECK(writes(plan) == "live 17 -> 30");
  CHECK(plan.settings[0].live == "17");
  CHECK(plan.settings[0].desired == "30");
  CHECK(changes_anything(plan));
  CHECK_FALSE(blocked(plan));
}

TEST_CASE("a live value that satisfies is ok and not written, and is what is desired") {
  const Plan plan = host().live("tcp_fin_timeout", "25").plan({"tcp_fin_timeout = <= 30"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "ok");
  CHECK(writes(plan).empty());
  CHECK(plan.settings[0].desired == "25");
  CHECK_FALSE(changes_anything(plan));
}

TEST_CASE("a bound, a choice and a set of ports resolve to the value that is written") {
  const auto change = [](std::string_view wish) { return writes(host().plan({wish}, scope(Scope::live))); };
  CHECK(change("tcp_fin_timeout = <= 30") == "live 60 -> 30");
  CHECK(change("somaxconn = >= 16384") == "live 4096 -> 16384");
  CHECK(change("tcp_tw_reuse = 1 | 0") == "live 2 -> 1");
  const PlanHost reserved = host().live("ip_local_reserved_ports", "1-9,8080");
  CHECK(writes(reserved.plan({"ip_local_reserved_ports = includes 10,9000"}, scope(Scope::live))) ==
        "live 1-9,8080 -> 1-10,8080,9000");
}

TEST_CASE("N14: a list that the kernel does not take in one write is not written, nor is one written over it") {
  std::string ports = "10001";
  for (int port = 10003; ports.size() < 4088; port += 2) ports += "," + std::to_string(port);
  const std::string longest = ports.substr(0, 4088) + ",12345";  // with the end of its line 4095 bytes
  const std::string name = "ip_local_reserved_ports";
  const auto verdict = [&](const std::string& live, const std::string& wish, Scope where) {
    const Plan plan = host().live(name, live).plan({name + " = " + wish}, scope(where));
    return where == Scope::boot ? std::string() : live_verdict(plan);
  };
  const std::string why =
      "unsupported: its list is longer than the 4095 bytes that the kernel takes at once, so that it could not be put "
      "back whole";
  REQUIRE(longest.size() == 4094);
  CHECK(verdict(longest, "8080", Scope::live) == "change");
  CHECK(verdict("8080", longest, Scope::live) == "change");
  CHECK(verdict(longest + ",9", "8080", Scope::live) == why);
  CHECK(verdict("8080", longest + ",1-9", Scope::live) == why);
  CHECK(verdict(longest + ",9", "includes 12345", Scope::live) == "ok");
}

TEST_CASE("a setting that this kernel has lost is removed and skipped, never an error") {
  const Plan plan = host().plan({"tcp_tw_recycle = 1"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "removed: removed in Linux 4.12");
  CHECK(plan.settings[0].skipped);
  CHECK(notes_of(plan) == std::vector<std::string>{"net.ipv4.tcp_tw_recycle is skipped: removed in Linux 4.12"});
  CHECK_FALSE(blocked(plan));
  CHECK_FALSE(changes_anything(plan));
}

TEST_CASE("a setting that is newer than this kernel is unsupported and says which one it needs") {
  const Plan plan = host().plan({"tcp_tw_reuse_delay = 500"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "unsupported: needs Linux 6.14 (this is 6.1.0-30-amd64)");
  CHECK(writes(plan).empty());
  CHECK_FALSE(plan.settings[0].skipped);
  CHECK(blocked(plan));
}

TEST_CASE("an optional setting that the host lacks is skipped with a note") {
  const Plan plan = host().plan({"-tcp_tw_reuse_delay = 500"});
  CHECK(plan.settings[0].skipped);
  CHECK(notes_of(plan) ==
        std::vector<std::string>{"net.ipv4.tcp_tw_reuse_delay is skipped: needs Linux 6.14 (this is 6.1.0-30-amd64)"});
  CHECK(plan.hazards.empty());
  CHECK_FALSE(changes_anything(plan));
}

TEST_CASE("a setting that a distribution brought to an older kernel is there: the file decides, not the version") {
  const Plan plan = host().live("tcp_tw_reuse_delay", "1000").plan({"tcp_tw_reuse_delay = 500"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "change");
}

TEST_CASE("a setting of one vendor's kernel names the vendor") {
  const Plan plan = host().plan({"tcp_tw_timeout = 30"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "unsupported: only on Alibaba Cloud Linux 2 and 3");
}

TEST_CASE("a setting whose module is not loaded names the module") {
  const Plan plan = host().plan({"nf_conntrack_max = 500000"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "unsupported: the module nf_conntrack is not loaded");
}

TEST_CASE("an optional setting whose module is not loaded is skipped in both layers") {
  const Plan plan = host().plan({"-nf_conntrack_max = 500000"});
  CHECK(notes_of(plan) ==
        std::vector<std::string>{"net.netfilter.nf_conntrack_max is skipped: the module nf_conntrack is not loaded"});
  CHECK_FALSE(changes_anything(plan));
  CHECK(plan.hazards.empty());
}

TEST_CASE("a setting that this very kernel was built without says so") {
  const Plan plan = host().absent("tcp_syncookies").plan({"tcp_syncookies = 1"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "unsupported: this kernel (6.1.0-30-amd64) was built without it");
}

TEST_CASE("a host-wide setting in a child namespace belongs to the host") {
  const Plan plan = host().container("docker").plan({"tcp_max_orphans = 1000"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "unsupported: host-wide: set it on the host");
  const Plan older = host()
                         .kernel("4.9.0-19-amd64")
                         .absent("tcp_timestamps")
                         .child_namespace()
                         .plan({"tcp_timestamps = 1"}, scope(Scope::live));
  CHECK(live_verdict(older) == "unsupported: host-wide: set it on the host");
}

TEST_CASE("a read-only value that is not as wanted is read-only, an equal one is ok") {
  const PlanHost box = host().container("docker").live("tcp_fin_timeout", "60").read_only("tcp_fin_timeout");
  const Plan refused = box.plan({"tcp_fin_timeout = 30"}, scope(Scope::live));
  CHECK(live_verdict(refused) == "read-only: read-only in this container (docker)");
  CHECK(writes(refused).empty());
  CHECK(read_only(refused));
  const Plan equal = box.plan({"tcp_fin_timeout = 60"}, scope(Scope::live));
  CHECK(live_verdict(equal) == "ok");
  CHECK_FALSE(read_only(equal));
}

TEST_CASE("outside a container read-only is just that, and a key shown read-only to a namespace is the host's") {
  const Plan plain = host().read_only("tcp_fin_timeout").plan({"tcp_fin_timeout = 30"}, scope(Scope::live));
  CHECK(live_verdict(plain) == "read-only: read-only here");
  const Plan shown = host()
                         .live("nf_conntrack_max", "262144")
                         .read_only("nf_conntrack_max")
                         .child_namespace()
                         .plan({"nf_conntrack_max = 500000"}, scope(Scope::live));
  CHECK(live_verdict(shown) == "read-only: host-wide: set it on the host");
}

TEST_CASE("a value that may not be read counts as denied") {
  const Plan plan = host().denied("tcp_fin_timeout").plan({"tcp_fin_timeout = 30"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "read-only: cannot be read: Permission denied");
  CHECK_FALSE(plan.settings[0].live.has_value());
  CHECK(read_only(plan));
  PlanHost broken = host();
  broken.snapshot.live["net.ipv4.tcp_fin_timeout"] = {LiveValue::State::unreadable, {}, false, "Input/output error"};
  CHECK(live_verdict(broken.plan({"tcp_fin_timeout = 30"}, scope(Scope::live))) ==
        "read-only: cannot be read: Input/output error");
}

TEST_CASE("unset leaves the live value as it is") {
  const Plan plan = host().live("tcp_fin_timeout", "17").plan({"tcp_fin_timeout = unset"}, scope(Scope::live));
  CHECK(live_verdict(plan) == "ok: the live value stays");
  CHECK_FALSE(changes_anything(plan));
}

TEST_CASE("a live value outside the accepted range never satisfies") {
  const Plan plan = host().live("tcp_fin_timeout", "-5").plan({"tcp_fin_timeout = <= 30"}, scope(Scope::live));
  CHECK(writes(plan) == "live -5 -> 30");
}
