// A plan for a Windows host: one layer, where absent is a state and a value can be taken away.
#include <doctest/doctest.h>

#include "plan/plan_here.hpp"
#include "rules/plan_rules.hpp"
#include "support/memory_host.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr std::string_view kServer2022 = "10.0.20348";

PlanHost server() { return host().windows(kServer2022); }
PlanHost server_with(std::string delay) { return server().live("TcpTimedWaitDelay", std::move(delay)); }

}  // namespace

TEST_CASE("Windows: an absent registry value is made, another one replaced, one that is as wanted left alone") {
  const Plan made = server().plan({"TcpTimedWaitDelay = 60"});
  CHECK(writes(made) == "live (none) -> 60");
  CHECK(live_verdict(made) == "change");
  CHECK(boot_verdict(made) == "-");
  CHECK(made.settings[0].desired == "60");
  CHECK(made.scope == Scope::live);
  CHECK(made.boot_file.empty());
  CHECK(made.notes.empty());

  CHECK(writes(server_with("32").plan({"TcpTimedWaitDelay = 60"})) == "live 32 -> 60");
  CHECK(writes(server_with("60").plan({"TcpTimedWaitDelay = 60"})).empty());
  CHECK(writes(server_with("60").plan({"TcpTimedWaitDelay = <= 120"})).empty());
  CHECK(writes(server().plan({"TcpTimedWaitDelay = <= 120"})) == "live (none) -> 120");
}

TEST_CASE("Windows: unset takes the value away, and has nothing to do where there is none") {
  const Plan plan = server_with("60").plan({"TcpTimedWaitDelay = unset"});
  CHECK(writes(plan) == "live 60 -> (none)");
  CHECK_FALSE(plan.settings[0].desired.has_value());
  CHECK(writes(server().plan({"TcpTimedWaitDelay = unset"})).empty());
  CHECK(live_verdict(server().plan({"TcpTimedWaitDelay = unset"})) == "ok");
}

TEST_CASE("Windows: a value that is outside of every range or of another type never satisfies") {
  CHECK(writes(server_with("1").plan({"TcpTimedWaitDelay = <= 60"})) == "live 1 -> 60");
  CHECK(writes(server_with("hex(1):36,00,30,00,00,00").plan({"TcpTimedWaitDelay = 60"})) ==
        "live hex(1):36,00,30,00,00,00 -> 60");
}

TEST_CASE("Windows: a value that cannot be read or written says so, and is not written") {
  const Plan denied = server().denied("TcpTimedWaitDelay").plan({"TcpTimedWaitDelay = 60"});
  CHECK(live_verdict(denied) == "read-only: cannot be read: Permission denied");
  CHECK(writes(denied).empty());
  CHECK(read_only(denied));
  const Plan locked = server_with("30").read_only("TcpTimedWaitDelay").plan({"TcpTimedWaitDelay = 60"});
  CHECK(live_verdict(locked) == "read-only: the registry key lets nobody write it here");
  CHECK(writes(locked).empty());
}

TEST_CASE("Windows: the registry has one value for now and the next boot, so no scope tells them apart") {
  CHECK(server().plan({"TcpTimedWaitDelay = 60"}, scope(Scope::live)).scope == Scope::live);
  const Result<Plan> boot = server().try_plan({"TcpTimedWaitDelay = 60"}, scope(Scope::boot));
  REQUIRE_FALSE(boot.has_value());
  CHECK(boot.error().code == ErrorCode::unsupported);
  CHECK(boot.error().message == "--scope boot: on Windows the registry has one value, for now and every boot");
  const Result<Plan> file = server().try_plan({"TcpTimedWaitDelay = 60"}, boot_file("/etc/sysctl.conf"));
  REQUIRE_FALSE(file.has_value());
  CHECK(file.error().code == ErrorCode::unsupported);
  CHECK(file.error().message == "--boot-file: Windows reads no boot files");
}

TEST_CASE("Windows: settings for Linux are left alone with a note") {
  Desired both = desired({"TcpTimedWaitDelay = 60", "tcp_tw_reuse = 1"});
  const Result<Plan> plan = make_plan(both, server().snapshot, {});
  REQUIRE(plan.has_value());
  CHECK(plan->settings.size() == 1);
  CHECK(notes_of(*plan) == std::vector<std::string>{"1 setting for Linux left alone: this host runs Windows"});
}

TEST_CASE("out-of-range: below 30 is refused where the build's documented range begins there") {
  constexpr std::string_view kWords =
      "TcpTimedWaitDelay: This is Windows 6.2.9200, which is documented to take 30 to 300 s: 2 to 29 came with Windows "
      "8.1 and Server 2012 R2 (build 9600). What it makes of 29 is not known.";
  const Plan plan = host().windows("6.2.9200").plan({"TcpTimedWaitDelay = 29"});
  CHECK(text_of(plan, "out-of-range") == kWords);
  CHECK(blocked(plan));
  CHECK(hazard_ids(plan) == std::vector<std::string>{"out-of-range", "restart-needed"});
  CHECK(text_of(host().windows("6.2.9200").plan({"TcpTimedWaitDelay = 30"}), "out-of-range").empty());
  CHECK(text_of(host().windows("6.3.9600").plan({"TcpTimedWaitDelay = 29"}), "out-of-range").empty());
  CHECK(text_of(server().plan({"TcpTimedWaitDelay = 2"}), "out-of-range").empty());
  const PlanHost old = host().windows("6.1.7601");
  CHECK_FALSE(blocked(old.plan({"TcpTimedWaitDelay = 29"}, accept({"out-of-range:TcpTimedWaitDelay"}))));
}

TEST_CASE("time-wait-short: below 30 s is warned about, also where the value is there already") {
  constexpr std::string_view kWords =
      "TcpTimedWaitDelay: With 29 s a late segment of an old connection can reach the next one on the same addresses "
      "and ports, and a peer whose last ACK was lost gets a reset.";
  CHECK(text_of(server().plan({"TcpTimedWaitDelay = 29"}), "time-wait-short") == kWords);
  CHECK(text_of(server_with("29").plan({"TcpTimedWaitDelay = <= 60"}), "time-wait-short") == kWords);
  CHECK_FALSE(blocked(server().plan({"TcpTimedWaitDelay = 29"})));
  CHECK(text_of(server().plan({"TcpTimedWaitDelay = 30"}), "time-wait-short").empty());
  CHECK(text_of(server_with("29").plan({"TcpTimedWaitDelay = 60"}), "time-wait-short").empty());
  CHECK(text_of(server_with("29").plan({"TcpTimedWaitDelay = unset"}), "time-wait-short").empty());
}

TEST_CASE("wrong-type: what stands there is named before it is replaced or taken away") {
  const auto words = [](std::string value, std::string_view wish) {
    return text_of(server_with(std::move(value)).plan({wish}), "wrong-type");
  };
  CHECK(words("hex(1):36,00,30,00,00,00", "TcpTimedWaitDelay = 60") ==
        "TcpTimedWaitDelay: What stands there is REG_SZ (hex(1):36,00,30,00,00,00); the value is documented as a "
        "REG_DWORD of four bytes. apply replaces it, and rollback puts back what stands there.");
  CHECK(words("hex(b):3c,00,00,00,00,00,00,00", "TcpTimedWaitDelay = unset") ==
        "TcpTimedWaitDelay: What stands there is REG_QWORD (hex(b):3c,00,00,00,00,00,00,00); the value is documented "
        "as a REG_DWORD of four bytes. apply takes it away, and rollback puts back what stands there.");
  CHECK(words("hex(4):3c,00", "TcpTimedWaitDelay = 60")
            .starts_with("TcpTimedWaitDelay: What stands there is a REG_DWORD that is not four bytes long (hex(4)"));
  CHECK(words("hex(3):3c", "TcpTimedWaitDelay = 60").find("REG_BINARY") != std::string::npos);
  CHECK(words("hex(7):", "TcpTimedWaitDelay = 60").find("REG_MULTI_SZ") != std::string::npos);
  CHECK(words("hex(ff):", "TcpTimedWaitDelay = 60").find("another type (hex(ff):)") != std::string::npos);
  CHECK(words("60", "TcpTimedWaitDelay = 30").empty());
  CHECK_FALSE(blocked(server_with("hex(3):3c").plan({"TcpTimedWaitDelay = 60"})));
}

TEST_CASE("restart-needed: a change in the registry waits for the next start of Windows, and nothing else does") {
  constexpr std::string_view kWords =
      "TcpTimedWaitDelay: The registry has the value at once; Windows takes it at its next start. Until then TIME_WAIT "
      "lasts as long as it does now, and so after a rollback.";
  CHECK(text_of(server().plan({"TcpTimedWaitDelay = 60"}), "restart-needed") == kWords);
  CHECK(text_of(server_with("60").plan({"TcpTimedWaitDelay = unset"}), "restart-needed") == kWords);
  CHECK(server_with("60").plan({"TcpTimedWaitDelay = 60"}).hazards.empty());
  CHECK(host().plan({"tcp_fin_timeout = 30"}).hazards.size() == 1);
  CHECK(hazard_ids(host().plan({"tcp_fin_timeout = 30"})) == std::vector<std::string>{"not-time-wait"});
}

TEST_CASE("container: a change in a container's registry says that it likely changes nothing") {
  PlanHost inside = server();
  inside.snapshot.host.container = "Windows container";
  const Plan plan = inside.plan({"TcpTimedWaitDelay = 60"});
  CHECK(text_of(plan, "container") ==
        "TcpTimedWaitDelay: This is a Windows container. If it shares the kernel of its host (process isolation), "
        "TIME_WAIT is that kernel's, and a value in the container's own registry likely changes nothing.");
  CHECK_FALSE(blocked(plan));
  CHECK(text_of(server().plan({"TcpTimedWaitDelay = 60"}), "container").empty());
  CHECK(inside.live("TcpTimedWaitDelay", "60").plan({"TcpTimedWaitDelay = 60"}).hazards.empty());
}

TEST_CASE("obsolete-value: what old guides have left in the registry is named, and blocks nothing") {
  const Plan plan = server().live("MaxUserPort", "65534").too_long("MaxFreeTcbs").plan({"TcpTimedWaitDelay = 60"});
  CHECK(texts(plan, "obsolete-value") ==
        std::vector<std::string>{
            "MaxUserPort: 65534 stands in this registry. It is not the way to widen the range today: netsh int ipv4 "
            "set dynamicport tcp is.",
            "MaxFreeTcbs: A value that cannot be read stands in this registry. It does not change the length of "
            "TIME_WAIT."});
  CHECK_FALSE(blocked(plan));
  CHECK(texts(server().denied("MaxUserPort").plan({"TcpTimedWaitDelay = 60"}), "obsolete-value").empty());
}

TEST_CASE("without-effect: a value under Interfaces is named, once a setting") {
  PlanHost one = server().stray("TcpTimedWaitDelay", "Interfaces\\{1}", "30");
  CHECK(text_of(one.plan({"TcpTimedWaitDelay = 60"}), "without-effect") ==
        "TcpTimedWaitDelay: 30 stands in Interfaces\\{1}, where Windows does not read it.");
  one.stray("TcpTimedWaitDelay", "Interfaces\\{2}", "30").stray("TcpTimedWaitDelay", "Interfaces", "30");
  CHECK(text_of(one.plan({"TcpTimedWaitDelay = 60"}), "without-effect") ==
        "TcpTimedWaitDelay: 30 stands in Interfaces\\{1} and at 2 more places, where Windows does not read it.");
}

TEST_CASE("the slips of a .reg file are hazards of the plan, each with its line") {
  Desired wish = desired({"TcpTimedWaitDelay = 48"});
  const Setting* delay = find_setting(Os::windows, "TcpTimedWaitDelay");
  wish.slips = {{"hexadecimal", delay, {"x.reg", 6}, "dword:00000030 is hexadecimal: 48."},
                {"without-effect", delay, {"x.reg", 11}, "no effect under Interfaces."},
                {"obsolete-value", find_setting(Os::windows, "MaxUserPort"), {"x.reg", 5}, "known."}};
  const auto plan = make_plan(wish, server().snapshot, {});
  REQUIRE(plan.has_value());
  CHECK(hazard_ids(*plan) ==
        std::vector<std::string>{"obsolete-value", "without-effect", "hexadecimal", "restart-needed"});
  CHECK(text_of(*plan, "hexadecimal") == "TcpTimedWaitDelay: x.reg:6: dword:00000030 is hexadecimal: 48.");
  CHECK(text_of(*plan, "without-effect") == "TcpTimedWaitDelay: x.reg:11: no effect under Interfaces.");
  CHECK(text_of(*plan, "obsolete-value") == "MaxUserPort: x.reg:5: known.");
  CHECK_FALSE(blocked(*plan));
  CHECK(make_plan(wish, host().snapshot, {})->hazards.empty());
}

TEST_CASE("a plan for Windows asks for every name of the registry, and one for Linux for none") {
  const ObserveRequest windows = what_to_observe(desired({"TcpTimedWaitDelay = 60"}));
  CHECK(windows.settings.size() == settings(Os::windows).size());
  CHECK(windows.strays);
  CHECK_FALSE(what_to_observe(desired({"tcp_fin_timeout = 30"})).strays);
}

TEST_CASE("a Windows host is not searched for boot files, other writers and settings of Linux") {
  MemoryHost pc;
  pc.facts.os = Os::windows;
  pc.store.set("TcpTimedWaitDelay", "60");
  pc.store.set("net.ipv4.tcp_fin_timeout", "17");
  pc.disk.files = {{"/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 30\n"}, {"/etc/ufw/ufw.conf", "ENABLED=yes\n"}};
  ObserveRequest request = everything(Os::windows);
  request.settings.push_back(find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout"));
  const auto snapshot = observe(pc, request);
  REQUIRE(snapshot.has_value());
  CHECK(snapshot->live.size() == settings(Os::windows).size());
  CHECK(snapshot->live.at("TcpTimedWaitDelay").value == "60");
  CHECK(snapshot->live.at("MaxUserPort").state == LiveValue::State::absent);
  CHECK(snapshot->boot_files.empty());
  CHECK(snapshot->later_writers.empty());
}
