// What a setting is after the next boot, when everybody has written.
#include "rules/boot_state.hpp"

#include <doctest/doctest.h>

#include "support/names.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const Place kProfile{"/etc/tuned/busy/tuned.conf", 6};

LaterWriter tuned(std::string value, bool reapplies, std::string key = kFin) {
  return {.name = "TuneD",
          .evidence = "/etc/tuned/active_profile: busy",
          .when = WriteTime::at_boot,
          .writes = {{std::move(key), std::move(value), kProfile}},
          .boot_files_win = reapplies};
}

LaterWriter script(std::string name, WriteTime when, std::vector<LaterWrite> writes) {
  return {.name = std::move(name), .evidence = "x", .when = when, .writes = std::move(writes)};
}

std::string line(const std::string& value) { return kFin + " = " + value + "\n"; }

// "15 /etc/tuned/busy/tuned.conf:6 (TuneD); perhaps 20 (cron /etc/cron.d/x:1)"
std::string told(const BootState& state) {
  std::string text = state.value.value_or("?");
  if (state.origin) text += " " + state.origin->file + ":" + std::to_string(state.origin->line);
  if (!state.writer.empty()) text += " (" + state.writer + ")";
  for (const PossibleValue& possible : state.perhaps) {
    text += "; perhaps " + possible.value.value_or("?") + " (" + possible.writer + " " + possible.shown_by + ")";
  }
  return text;
}

std::string after_boot(const PlanHost& box, const std::string& key = kFin) {
  const HostView view = view_of(box.snapshot);
  return told(boot_state(*find_setting(Os::linux_kernel, key), view));
}

const std::string kOwn = "/etc/sysctl.d/60-twctl.conf";

}  // namespace

TEST_CASE("B2: with reapply_sysctl a boot file of /etc wins over TuneD, and a line of ours would, too") {
  const PlanHost box = host().file(kOwn, line("30")).later_writer(tuned("15", true));
  CHECK(after_boot(box) == "30 " + kOwn + ":1");
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}), "later-writer").empty());
  const Plan plan = host().later_writer(tuned("15", true)).plan({"tcp_fin_timeout = 30"});
  CHECK(plan.settings[0].boot == "15");
  CHECK(boot_verdict(plan) == "change");
  CHECK(writes(plan) == "live 60 -> 30, boot (none) -> 30");
}

TEST_CASE("without reapply_sysctl TuneD wins over a line of ours") {
  const Plan plan = host().file(kOwn, line("30")).later_writer(tuned("15", false)).plan({"tcp_fin_timeout = 30"});
  CHECK(text_of(plan, "later-writer") ==
        kFin +
            ": TuneD (/etc/tuned/busy/tuned.conf:6) sets 15 later than the boot files do: 30 would be gone after the "
            "next boot. Set 30 in /etc/tuned/busy/tuned.conf:6, or take it out there.");
  CHECK(writes(plan) == "live 60 -> 30");
}

TEST_CASE("B3: files of /usr are not applied once more") {
  CHECK(after_boot(host().file("/usr/lib/sysctl.d/50-x.conf", line("40")).later_writer(tuned("15", true))) ==
        "15 /etc/tuned/busy/tuned.conf:6 (TuneD)");
}

TEST_CASE("B4: /etc/sysctl.conf is applied once more last, whether or not the loader reads it") {
  CHECK(after_boot(host()
                       .file("/etc/sysctl.d/99-zz-web.conf", line("20"))
                       .file("/etc/sysctl.conf", line("60"))
                       .later_writer(tuned("15", true))) == "60 /etc/sysctl.conf:1");
}

TEST_CASE("a file of /run is applied once more in place of one of /etc of that name") {
  CHECK(after_boot(host()
                       .file("/etc/sysctl.d/50-x.conf", line("20"))
                       .file("/run/sysctl.d/50-x.conf", line("40"))
                       .later_writer(tuned("15", true))) == "40 /run/sysctl.d/50-x.conf:1");
}

TEST_CASE("TuneD knows no glob and no '-' in front of a key") {
  CHECK(after_boot(host()
                       .file("/etc/sysctl.d/50-x.conf", "net.ipv4.tcp_fin_time* = 20\n-" + line("25"))
                       .later_writer(tuned("15", true))) == "15 /etc/tuned/busy/tuned.conf:6 (TuneD)");
}

TEST_CASE("B5: TuneD's > and < compare with what is there by then") {
  const std::string key = "net.core.somaxconn";
  const auto box = [&](std::string value) {
    return host().file("/etc/sysctl.d/50-x.conf", key + " = 512\n").later_writer(tuned(std::move(value), false, key));
  };
  CHECK(after_boot(box(">2048"), key) == "2048 /etc/tuned/busy/tuned.conf:6 (TuneD)");
  CHECK(after_boot(box(">512"), key) == "512 /etc/sysctl.d/50-x.conf:1");
  CHECK(after_boot(box("<256"), key) == "256 /etc/tuned/busy/tuned.conf:6 (TuneD)");
  CHECK(after_boot(box("> 2048"), key) == "2048 /etc/tuned/busy/tuned.conf:6 (TuneD)");
  CHECK(after_boot(box("+2048"), key) == "512 /etc/sysctl.d/50-x.conf:1");  // no sign of TuneD's: the kernel refuses it
  CHECK(after_boot(box(">2k"), key) == "512 /etc/sysctl.d/50-x.conf:1");
}

TEST_CASE("B6: what TuneD does with a variable is not known, and said so") {
  CHECK(after_boot(host().later_writer(tuned("", false))) == "60; perhaps ? (TuneD /etc/tuned/busy/tuned.conf:6)");
}

TEST_CASE("who writes before the network loses to who writes later") {
  CHECK(after_boot(host()
                       .later_writer(tuned("15", false))
                       .later_writer(script("UFW", WriteTime::before_network, {{kFin, "20", {"/etc/ufw/a", 1}}}))) ==
        "15 /etc/tuned/busy/tuned.conf:6 (TuneD)");
}

TEST_CASE("of two that write once the network is there both values are said") {
  CHECK(after_boot(host()
                       .later_writer(tuned("15", false))
                       .later_writer(script("rc.local", WriteTime::at_boot, {{kFin, "20", {"/etc/rc.local", 2}}}))) ==
        "20 /etc/rc.local:2 (rc.local); perhaps 15 (TuneD /etc/tuned/busy/tuned.conf:6)");
}

TEST_CASE("of two in no fixed order the other one's is what it leaves, whatever else it writes or applies once more") {
  const auto with_rc_local = [](LaterWriter other, const std::string& conf) {
    return after_boot(host()
                          .file("/etc/sysctl.d/50-x.conf", conf)
                          .later_writer(std::move(other))
                          .later_writer(script("rc.local", WriteTime::at_boot, {{kFin, "20", {"/etc/rc.local", 2}}})));
  };
  const std::string last = "20 /etc/rc.local:2 (rc.local); perhaps ";
  const Place third{"/opt/a", 3};
  const std::vector<LaterWrite> several{
      {kFin, "10", {"/opt/a", 1}}, {kFin, "15", {"/opt/a", 2}}, {"net.core.somaxconn", "9", third}};
  CHECK(with_rc_local(script("a.service", WriteTime::at_boot, several), "") == last + "15 (a.service /opt/a:2)");
  CHECK(with_rc_local(script("a.service", WriteTime::at_boot, {{"", "", third}}), line("30")) ==
        last + "30 (a.service /etc/sysctl.d/50-x.conf:1)");
  CHECK(with_rc_local(tuned("15", true), line("30")) == last + "30 (TuneD /etc/sysctl.d/50-x.conf:1)");
}

TEST_CASE("`sysctl --system` in a script applies every boot file once more, as procps does") {
  const PlanHost box = host()
                           .file("/etc/sysctl.conf", line("20"))
                           .later_writer(script("rc.local", WriteTime::at_boot,
                                                {{kFin, "15", {"/etc/rc.local", 2}}, {"", "", {"/etc/rc.local", 3}}}));
  CHECK(after_boot(box) == "20 /etc/sysctl.conf:1");
  CHECK(after_boot(box, "net.core.somaxconn") == "4096");
}

TEST_CASE("at a moment that is not known a writer's value is one of two") {
  const LaterWriter cron =
      script("cron", WriteTime::unknown, {{kFin, "15", {"/etc/cron.d/x", 1}}, {kFin, "60", {"/etc/cron.d/x", 2}}});
  CHECK(after_boot(host().later_writer(cron)) == "60; perhaps 15 (cron /etc/cron.d/x:1)");
}

TEST_CASE("B8: what a boot loader will hand to the kernel may come to be where no boot file and nobody later sets it") {
  LaterWriter grub = script("GRUB", WriteTime::unknown, {{kFin, "20", {"/etc/default/grub", 6}}});
  grub.before_boot_files = true;
  const PlanHost box = host().later_writer(grub);
  CHECK(after_boot(box) == "60; perhaps 20 (GRUB /etc/default/grub:6)");
  CHECK(
      text_of(box.plan({"tcp_fin_timeout = 60"}), "possible-writer") ==
      "net.ipv4.tcp_fin_timeout: GRUB (/etc/default/grub:6) sets it to 20 once the kernel is booted with that: no boot "
      "file sets it.");
  CHECK(after_boot(host().later_writer(grub).file(kOwn, line("30"))) == "30 " + kOwn + ":1");
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}), "possible-writer").empty());  // our line wins
  const LaterWriter ufw = script("UFW", WriteTime::before_network, {{kFin, "40", {"/etc/ufw/sysctl.conf", 1}}});
  CHECK(after_boot(host().later_writer(ufw).later_writer(grub)) == "40 /etc/ufw/sysctl.conf:1 (UFW)");
  const auto booted = [&](const std::string& value) {
    return after_boot(
        host().file(std::string(kKernelCommandLine), "quiet sysctl." + kFin + "=" + value).later_writer(grub));
  };
  CHECK(booted("75") == "75 kernel command line:0; perhaps 20 (GRUB /etc/default/grub:6)");
  CHECK(booted("20") == "20 kernel command line:0");
}

TEST_CASE("what a later writer writes that cannot be known is said, in a plan for the next boot") {
  LaterWriter ufw = script("UFW", WriteTime::before_network, {});
  ufw.unread = "which file IPT_SYSCTL=$X is, only its shell knows";
  const PlanHost box = host().later_writer(ufw);
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}), "possible-writer") ==
        "UFW (x) may write more than is known here: which file IPT_SYSCTL=$X is, only its shell knows.");
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}, scope(Scope::live)), "possible-writer").empty());
}

TEST_CASE("B10: a script with -e does not end at a setting that was merely not looked at") {
  const LaterWriter script{.name = "rc.local",
                           .evidence = "/etc/rc.local",
                           .when = WriteTime::at_boot,
                           .writes = {{"net.ipv4.tcp_fin_timeout", "20", {"/etc/rc.local", 2}, 1, 2},
                                      {"net.ipv4.tcp_keepalive_time", "600", {"/etc/rc.local", 3}, 2, 2}}};
  Snapshot snapshot;
  snapshot.host.live = true;
  snapshot.host.loader = Loader::systemd;
  snapshot.host.kernel = {6, 1, 0};
  snapshot.live["net.ipv4.tcp_keepalive_time"] = {LiveValue::State::present, "7200", false, {}};
  snapshot.later_writers = {script};
  const Setting& setting = *find_setting("net.ipv4.tcp_keepalive_time");
  CHECK(boot_state(setting, view_of(snapshot)).value == "600");
  snapshot.live["net.ipv4.tcp_fin_timeout"] = {LiveValue::State::absent, {}, false, {}};
  CHECK(boot_state(setting, view_of(snapshot)).value == "7200");
}
