// What audit finds in a host: drift, lines that lose, files that nobody reads, who writes later.
#include "audit/audit_host.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "audit/kernels.hpp"
#include "support/audited.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;
using Lines = std::vector<std::string>;

namespace {

// "drift /etc/sysctl.conf:3", one for each finding but what every tcp_fin_timeout below 60 gets.
Lines found(const PlanHost& host) {
  Lines lines;
  for (const Finding& finding : audit_snapshot(host.snapshot).findings) {
    if (finding.row->id == "fin-timeout-not-time-wait") continue;
    std::string line = std::string(finding.row->id) + (finding.severity == Severity::info ? " (info)" : "");
    if (!finding.where.file.empty()) line += " " + finding.where.file + ":" + std::to_string(finding.where.line);
    lines.push_back(std::move(line));
  }
  return lines;
}

const std::string kLateFile = "/etc/sysctl.d/50-x.conf";
const std::string kLater = "/etc/sysctl.d/60-y.conf";

}  // namespace

TEST_CASE("a stock host has no finding") { CHECK(found(host()).empty()); }

TEST_CASE("a tcp_fin_timeout below 60 is told of once, in a boot file and live, and not beside a comment about it") {
  const auto places = [](const PlanHost& host) {
    Lines lines;
    for (const Finding& finding : audit_snapshot(host.snapshot).findings) {
      if (finding.row->id == "fin-timeout-not-time-wait") lines.push_back(finding.evidence);
    }
    return lines;
  };
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  CHECK(places(host().live("tcp_fin_timeout", "30")) == Lines{"net.ipv4.tcp_fin_timeout is 30 (live)."});
  CHECK(places(host().live("tcp_fin_timeout", "30").file(kLateFile, line)) == Lines{"net.ipv4.tcp_fin_timeout is 30."});
  CHECK(places(host().live("tcp_fin_timeout", "30").file(kLateFile, "# shortens TIME_WAIT\n" + line)).empty());
}

TEST_CASE("drift: the live value is not what the next boot sets") {
  CHECK(found(host().live("tcp_fin_timeout", "30")) == Lines{"drift"});
  CHECK(found(host().live("tcp_fin_timeout", "30").file(kLateFile, "net.ipv4.tcp_fin_timeout = 30\n")).empty());
  CHECK(found(host().file(kLateFile, "\nnet.ipv4.tcp_fin_timeout = 30\n")) == Lines{"drift " + kLateFile + ":2"});
  CHECK(found(host().live("tcp_fin_timeout", "30").container("docker")).empty());
}

TEST_CASE("in another network namespace the boot files set other values than the live ones, so there is no drift") {
  const PlanHost box = host().child_namespace().live("tcp_fin_timeout", "30");
  CHECK(found(box).empty());
  const Audit audit = audit_snapshot(box.snapshot);
  REQUIRE(audit.unjudged.size() == 1);
  CHECK(audit.unjudged[0] ==
        Unjudged{"drift", "boot files set the values of the initial network namespace, and this is another"});
  CHECK(audit_snapshot(host().snapshot).unjudged.empty());
}

TEST_CASE("what a captured tree has no file for is not in the tree: its kernel may have it") {
  PlanHost box = host().absent("tcp_mem").file(kLateFile, "net.ipv4.tcp_mem = 1 2 3\n");
  box.snapshot.host.captured = true;
  CHECK(evidence_of(audit_snapshot(box.snapshot), "missing-key") ==
        "net.ipv4.tcp_mem: there is no file for it in this tree.");
}

TEST_CASE("drift that a known program makes is none") {
  const LaterWriter writer{.name = "UFW",
                           .evidence = "/etc/ufw/ufw.conf: ENABLED=yes",
                           .when = WriteTime::before_network,
                           .writes = {{"net.ipv4.tcp_fin_timeout", "40", {"/etc/ufw/sysctl.conf", 3}}}};
  CHECK(found(host().live("tcp_fin_timeout", "40").later_writer(writer)).empty());
  CHECK(found(host()
                  .live("tcp_fin_timeout", "40")
                  .file(kLateFile, "net.ipv4.tcp_fin_timeout = 30\n")
                  .later_writer(writer)) == Lines{"later-writer-wins (info) " + kLateFile + ":1"});
}

TEST_CASE("B9: a protection that a later writer takes away at each boot is found, though it is live now") {
  const LaterWriter writer{.name = "UFW",
                           .evidence = "/etc/ufw/ufw.conf: ENABLED=yes",
                           .when = WriteTime::before_network,
                           .writes = {{"net.ipv4.tcp_syncookies", "0", {"/etc/ufw/sysctl.conf", 3}}}};
  CHECK(found(host().live("tcp_syncookies", "1").later_writer(writer)) ==
        Lines{"syncookies-off /etc/ufw/sysctl.conf:3", "drift /etc/ufw/sysctl.conf:3"});
}

TEST_CASE("B10: what may be written at a time that is not known is named, with its line") {
  const LaterWriter cron{.name = "cron",
                         .evidence = "/etc/cron.d/x",
                         .writes = {{"net.ipv4.tcp_fin_timeout", "15", {"/etc/cron.d/x", 2}}}};
  CHECK(found(host().later_writer(cron)) == Lines{"later-writer-wins (info) /etc/cron.d/x:2"});
  CHECK(found(host().later_writer(cron).live("tcp_fin_timeout", "15")) ==
        Lines{"later-writer-wins (info) /etc/cron.d/x:2"});  // and no drift
}

TEST_CASE("B6: what a later writer sets to a value that is not known is named, where no boot file has a line too") {
  const LaterWriter script{.name = "rc.local",
                           .evidence = "/etc/rc.local",
                           .when = WriteTime::at_boot,
                           .writes = {{"net.ipv4.tcp_fin_timeout", "", {"/etc/rc.local", 2}}}};
  const PlanHost box = host().later_writer(script);
  CHECK(found(box) == Lines{"later-writer-wins (info) /etc/rc.local:2"});
  CHECK(evidence_of(audit_snapshot(box.snapshot), "later-writer-wins") ==
        "rc.local (/etc/rc.local:2) writes it later; no boot file sets it.");
}

TEST_CASE("B8: what the kernel will be booted with is named with its file, the trap and removed keys as well") {
  const auto grub = [](std::string key, std::string value) {
    return LaterWriter{.name = "GRUB",
                       .evidence = "/etc/default/grub",
                       .writes = {{"net.ipv4." + key, std::move(value), {"/etc/default/grub", 6}}},
                       .before_boot_files = true};
  };
  const PlanHost box = host().later_writer(grub("tcp_fin_timeout", "20"));
  CHECK(evidence_of(audit_snapshot(box.snapshot), "boot-parameter") ==
        "GRUB (/etc/default/grub:6) sets it to 20 once the kernel is booted with that; no boot file sets it.");
  CHECK(found(host().later_writer(grub("tcp_fin_timeout", "20")).file(kLateFile, "net.ipv4.tcp_fin_timeout = 60\n"))
            .empty());
  CHECK(found(host().later_writer(grub("tcp_tw_recycle", "1"))) == Lines{"removed-key /etc/default/grub:6"});
  CHECK(found(host().later_writer(grub("tcp_syncookies", "0"))) ==
        Lines{"syncookies-off /etc/default/grub:6", "boot-parameter (info) /etc/default/grub:6"});
  LaterWriter bare = grub("tcp_tw_reuse", "1");
  bare.without_prefix = std::exchange(bare.writes, {});
  CHECK(found(host().later_writer(bare)) == Lines{"command-line-prefix /etc/default/grub:6"});
}

TEST_CASE("nobody is told to delete a line in which more than one setting may stand") {
  const Place line{"/etc/rc.local", 2};
  const LaterWriter script{.name = "rc.local",
                           .evidence = "/etc/rc.local",
                           .when = WriteTime::at_boot,
                           .writes = {{"net.ipv4.tcp_tw_recycle", "1", line},
                                      {"net.core.somaxconn", "128", line},
                                      {"net.ipv4.tcp_tw_reuse_delay", "500", line}}};
  std::string advice;
  for (const Finding& finding : audit_snapshot(host().later_writer(script).snapshot).findings) {
    if (finding.where == line && finding.row->id != "drift")
      advice += std::string(finding.row->id) + ": " + finding.advice + "\n";
  }
  CHECK(advice ==
        "removed-key: Take it out there.\nmissing-key: Set it where it exists, or take it out there.\n"
        "somaxconn-small: Take it out there, or set 4096 or more.\n");
}

TEST_CASE("what a script does not come to sets nothing, and it is said where the script stops") {
  LaterWriter script{.name = "rc.local",
                     .evidence = "/etc/rc.local",
                     .when = WriteTime::at_boot,
                     .writes = {{"net.ipv4.tcp_tw_recycle", "1", {"/etc/rc.local", 2}, 1, 3},
                                {"net.ipv4.tcp_tw_reuse", "0", {"/etc/rc.local", 3}, 2, 3},
                                {"net.ipv4.tcp_timestamps", "0", {"/etc/rc.local", 4}, 3, 3}}};
  const Audit audit = audit_snapshot(host().later_writer(script).snapshot);
  CHECK(evidence_of(audit, "script-ends") ==
        "net.ipv4.tcp_tw_recycle fails here (removed in Linux 4.12), and rc.local stops: what follows is not set: "
        "net.ipv4.tcp_tw_reuse, net.ipv4.tcp_timestamps.");
  CHECK(evidence_of(audit, "timestamps-off").empty());
  for (LaterWrite& write : script.writes) write.ends = 0;
  const Audit all = audit_snapshot(host().later_writer(script).snapshot);
  CHECK(evidence_of(all, "script-ends").empty());
  CHECK(!evidence_of(all, "timestamps-off").empty());
}

TEST_CASE("what a later writer writes that cannot be known is named") {
  const LaterWriter tuned{.name = "TuneD", .evidence = "/etc/tuned/active_profile: x", .unread = "only TuneD knows"};
  CHECK(evidence_of(audit_snapshot(host().later_writer(tuned).snapshot), "later-writer-wins") ==
        "TuneD (/etc/tuned/active_profile: x) may write more than is known here: only TuneD knows.");
}

TEST_CASE("B10: a removed key is found wherever somebody writes it") {
  const auto cron = [](std::string value) {
    return LaterWriter{.name = "cron",
                       .evidence = "/etc/cron.d/x",
                       .writes = {{"net.ipv4.tcp_tw_recycle", std::move(value), {"/etc/cron.d/x", 2}}}};
  };
  CHECK(found(host().later_writer(cron("1"))) == Lines{"removed-key /etc/cron.d/x:2"});
  CHECK(found(host().later_writer(cron("0"))) == Lines{"removed-key (info) /etc/cron.d/x:2"});
}

TEST_CASE("B10: a script that asks whether a key is there is for older kernels too, and not told to be wrong") {
  const auto script = [](std::string key, bool asks) {
    return LaterWriter{
        .name = "rc.local",
        .evidence = "/etc/rc.local",
        .writes = {{.key = std::move(key), .value = "1", .where = {"/etc/rc.local", 2}, .if_there = asks}}};
  };
  CHECK(found(host().later_writer(script("net.ipv4.tcp_tw_recycle", false))) == Lines{"removed-key /etc/rc.local:2"});
  CHECK(found(host().later_writer(script("net.ipv4.tcp_tw_recycle", true))).empty());
  CHECK(found(host().later_writer(script("net.ipv4.tcp_tw_reuse_delay", true))).empty());
  CHECK_FALSE(found(host().later_writer(script("net.core.somaxconn", true))).empty());
}

TEST_CASE("B10: a misspelt key and an old name are found in a script, and it stops there") {
  const LaterWriter script{.name = "rc.local",
                           .evidence = "/etc/rc.local",
                           .when = WriteTime::at_boot,
                           .writes = {{"net.ipv4.ip_conntrack_max", "9", {"/etc/rc.local", 2}},
                                      {"net.ipv4.tcp_tw_reuze", "1", {"/etc/rc.local", 3}, 2, 3},
                                      {"net.ipv4.tcp_timestamps", "0", {"/etc/rc.local", 4}, 3, 3}}};
  CHECK(found(host().later_writer(script)) ==
        Lines{"unknown-key /etc/rc.local:3", "removed-key /etc/rc.local:2", "script-ends /etc/rc.local:3"});
  const Audit audit = audit_snapshot(host().later_writer(script).snapshot);
  CHECK(evidence_of(audit, "unknown-key") ==
        "\"net.ipv4.tcp_tw_reuze\" is no key; did you mean net.ipv4.tcp_tw_reuse?");
  CHECK(evidence_of(audit, "removed-key") ==
        "net.ipv4.ip_conntrack_max is a name of kernels before 4.9; it is now net.netfilter.nf_conntrack_max.");
  CHECK(evidence_of(audit, "script-ends").starts_with("net.ipv4.tcp_tw_reuze fails here (it is no key), and "));
}

TEST_CASE("B10: what comes of a removed key is said of the place where it stands") {
  const auto meaning = [](const PlanHost& box) {
    const Audit audit = audit_snapshot(box.snapshot);
    const auto one = std::find_if(audit.findings.begin(), audit.findings.end(),
                                  [](const Finding& finding) { return finding.row->id == "removed-key"; });
    REQUIRE(one != audit.findings.end());
    return std::string(one->meaning.empty() ? one->row->meaning : one->meaning);
  };
  const auto written_by = [](std::string name, bool before_boot_files = false) {
    return LaterWriter{.name = std::move(name),
                       .evidence = "/x",
                       .writes = {{"net.ipv4.tcp_tw_recycle", "1", {"/x", 1}}},
                       .before_boot_files = before_boot_files};
  };
  CHECK(meaning(host().file(kLateFile, "net.ipv4.tcp_tw_recycle = 1\n")).find("systemd-sysctl") != std::string::npos);
  const std::string at_start = "The kernel logs such a parameter at its start and goes on: nothing is set.";
  CHECK(meaning(host().file(std::string(kKernelCommandLine), "sysctl.net.ipv4.tcp_tw_recycle=1")) == at_start);
  CHECK(meaning(host().later_writer(written_by("GRUB", true))) == at_start);
  CHECK(meaning(host().later_writer(written_by("TuneD"))).starts_with("TuneD logs"));
  CHECK(meaning(host().later_writer(written_by("UFW"))).starts_with("UFW passes over"));
  CHECK(meaning(host().later_writer(written_by("systemd-sysctl"))).starts_with("systemd-sysctl logs"));
  CHECK(meaning(host().later_writer(written_by("tmpfiles.d"))).starts_with("systemd-tmpfiles goes on"));
  const auto told_of_script = [&](WriteTime when, int step, int ends) {
    LaterWriter script = written_by("rc.local");
    script.when = when;
    script.writes[0].step = step;
    script.writes[0].ends = ends;
    return meaning(host().later_writer(std::move(script)));
  };
  CHECK(told_of_script(WriteTime::at_boot, 1, 1).starts_with("Who runs it gets an error, and nothing is set."));
  CHECK(told_of_script(WriteTime::at_boot, 1, 0) ==
        "Nothing is set: what runs it prints an error (`sysctl -e` does not), and goes on.");
  for (const std::string& text : {told_of_script(WriteTime::unknown, 1, 0), told_of_script(WriteTime::at_boot, 0, 0)}) {
    CHECK(text == "On this kernel nothing is set by it, and what runs it may get an error.");
  }
}

TEST_CASE("B10: an old name that may stand there for older kernels alone is advised on so") {
  const auto advice = [](WriteTime when) {
    const LaterWriter script{.name = "rc.local",
                             .evidence = "/etc/rc.local",
                             .when = when,
                             .writes = {{"net.ipv4.ip_conntrack_max", "9", {"/etc/rc.local", 2}}}};
    return audit_snapshot(host().later_writer(script).snapshot).findings.at(0).advice;
  };
  CHECK(advice(WriteTime::at_boot) == "Write the new name.");
  CHECK(advice(WriteTime::unknown) == "Write the new name, unless the line is for older kernels alone.");
}

TEST_CASE("B8: the kernel's command line is audited as a boot file is") {
  const std::string name(kKernelCommandLine);
  const auto boot = [&](std::string text) { return host().file(name, std::move(text)); };
  CHECK(found(boot("quiet sysctl.net.ipv4.tcp_fin_timeout=75").live("tcp_fin_timeout", "75")) ==
        Lines{"fin-timeout-61-to-119 " + name + ":0"});
  CHECK(found(boot("sysctl.net.ipv4.tcp_tw_recycle=1")) == Lines{"removed-key " + name + ":0"});
  CHECK(audit_snapshot(boot("sysctl.net.ipv4.tcp_tw_recycle=1").snapshot).findings[0].advice ==
        "Take the parameter out of the boot loader's configuration.");
  CHECK(found(boot("sysctl.net.ipv4.tcp_fin_timeout=30s")) == Lines{"value-refused " + name + ":0"});
  CHECK(found(boot("sysctl.net.ipv4.tcp_fin_timout=30")) == Lines{"unknown-key " + name + ":0"});
  CHECK(found(boot("sysctl.net.ipv4.tcp_fin_timeout=30").file(kLateFile, "net.ipv4.tcp_fin_timeout = 60\n")) ==
        Lines{"line-shadowed (info) " + name + ":0"});
  CHECK(found(boot("net.ipv4.tcp_fin_timeout=30 x.y=1")) == Lines{"command-line-prefix " + name + ":0"});
}

TEST_CASE("B17: the last word is named that the host's own loader hears") {
  const std::string conf = "net.ipv4.tcp_fin_timeout = 20\n";
  const Audit audit = audit_snapshot(host()
                                         .live("tcp_fin_timeout", "45")
                                         .file("/etc/sysctl.conf", conf)
                                         .link("/usr/lib/sysctl.d/99-sysctl.conf", "../../../etc/sysctl.conf", conf)
                                         .file("/etc/sysctl.d/90-x.conf", "net.ipv4.tcp_fin_timeout = 30\n")
                                         .file("/etc/sysctl.d/zz.conf", "net.ipv4.tcp_fin_timeout = 45\n")
                                         .snapshot);
  std::string told;
  for (const Finding& finding : audit.findings) {
    if (finding.row->id == "line-shadowed") told += finding.where.file + ": " + finding.evidence + "\n";
  }
  CHECK(told ==
        "/etc/sysctl.d/90-x.conf: It says 30; /etc/sysctl.d/zz.conf:1 has the last word: 45.\n"
        "/etc/sysctl.conf: It says 20; /etc/sysctl.d/zz.conf:1 has the last word: 45.\n");
}

TEST_CASE("line-shadowed: a later file sets another value") {
  const auto both = [](std::string value) {
    return host()
        .live("tcp_fin_timeout", "30")
        .file(kLateFile, "net.ipv4.tcp_fin_timeout = " + value + "\n")
        .file(kLater, "net.ipv4.tcp_fin_timeout = 30\n");
  };
  CHECK(found(both("20")) == Lines{"line-shadowed (info) " + kLateFile + ":1"});
  CHECK(found(both("30")).empty());
}

TEST_CASE("why the loaders differ over /etc/sysctl.conf is where they read it, unless it is what stands there") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  const auto differ = [](const PlanHost& box) {
    for (const Finding& finding : audit_snapshot(box.snapshot).findings) {
      if (finding.row->id == "loaders-differ") return std::string(finding.meaning) + " " + finding.advice;
    }
    return std::string("none");
  };
  const std::string advice = "Move the line to a file in /etc/sysctl.d, which both read in one order.";
  CHECK(differ(host().file("/etc/sysctl.conf", line)) ==
        "systemd-sysctl reads /etc/sysctl.conf only through a link in /etc/sysctl.d, and there is none here. " +
            advice);
  CHECK(differ(host()
                   .file("/etc/sysctl.conf", line)
                   .link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf", line)
                   .file("/etc/sysctl.d/99-zz.conf", "net.ipv4.tcp_fin_timeout = 20\n")) ==
        "sysctl reads /etc/sysctl.conf after all other files, systemd-sysctl where a link in /etc/sysctl.d has its "
        "place by name. " +
            advice);
  const std::string refused = line + "net.ipv4.tcp_fin_timeout = abc\n";
  CHECK(differ(
            host().file("/etc/sysctl.conf", refused).link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf", refused)) ==
        " Keep one valid line for the key.");
}

TEST_CASE("file-not-read: /etc/sysctl.conf sets something where only systemd-sysctl runs") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  CHECK(found(host().file("/etc/sysctl.conf", line)) ==
        Lines{"loaders-differ /etc/sysctl.conf:1", "file-not-read /etc/sysctl.conf:0"});
  CHECK(found(host().file("/etc/sysctl.conf", "kernel.x = 1\n")).empty());
  CHECK(found(host()
                  .live("tcp_fin_timeout", "30")
                  .file("/etc/sysctl.conf", line)
                  .link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf", line))
            .empty());
}

TEST_CASE("B13: a file that no loader reads for its name is told of where it names a setting of ours") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 30\n";
  CHECK(found(host().file("/etc/sysctl.d/99-tuning", line)) == Lines{"file-not-read /etc/sysctl.d/99-tuning:0"});
  CHECK(found(host().file("/etc/sysctl.d/50-web.conf.rpmsave", line)) ==
        Lines{"file-not-read (info) /etc/sysctl.d/50-web.conf.rpmsave:0"});
}

TEST_CASE("B18: of a package's file audit does not say that it should be edited") {
  const Audit audit =
      audit_snapshot(host().file("/usr/lib/sysctl.d/zz.conf", "net.ipv4.tcp_fin_timeout = 30s\n").snapshot);
  REQUIRE(audit.findings.size() == 1);
  CHECK(audit.findings[0].advice ==
        "The file is a package's: put a copy without the mistake into /etc/sysctl.d, under the same name.");
}

TEST_CASE("file-unreadable: what a boot file sets is not known") {
  CHECK(found(host().unreadable(kLateFile, "Permission denied")) == Lines{"file-unreadable " + kLateFile + ":0"});
  CHECK(found(host().unreadable(kLateFile, "dangling link")) == Lines{"file-unreadable (info) " + kLateFile + ":0"});
}

TEST_CASE("line-too-early: a boot line for a module that loads later") {
  const std::string line = "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 90\n";
  CHECK(found(host().file(kLateFile, line)) == Lines{"line-too-early " + kLateFile + ":1"});
  CHECK(found(host()
                  .modules_at_boot({"nf_conntrack"})
                  .live("nf_conntrack_tcp_timeout_time_wait", "90")
                  .file(kLateFile, line))
            .empty());
}

TEST_CASE("port-range-listeners: the live range covers a listening port") {
  CHECK(found(host().listening({22, 40000})) == Lines{"port-range-listeners (info)"});
  CHECK(found(host().listening({22, 8080})).empty());
}

TEST_CASE("the values that are live and those of the next boot are both judged, and each mistake told once") {
  CHECK(found(host()
                  .live("tcp_timestamps", "0")
                  .live("tcp_tw_reuse", "1")
                  .file(kLateFile, "net.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_reuse = 1\n")) ==
        Lines{"timestamps-off " + kLateFile + ":1", "reuse-inert " + kLateFile + ":2"});
  CHECK(found(host().live("tcp_syncookies", "0")) == Lines{"syncookies-off", "drift"});
}

TEST_CASE("mistakes in the text of a boot file are found where they stand") {
  CHECK(found(host().file(
            kLateFile, "net.ipv4.tcp_fin_timeout 30\nnet.ipv4.tcp_fin_timout = 30\nnet.ipv4.tcp_tw_recycle = 1\n")) ==
        Lines{"bad-line " + kLateFile + ":1", "unknown-key " + kLateFile + ":2", "removed-key " + kLateFile + ":3"});
}

TEST_CASE("settings of a host name each line with what both loaders make of it") {
  const Audit audit = audit_snapshot(host()
                                         .file("/etc/sysctl.conf", "net.ipv4.tcp_fin_timeout = 30\n")
                                         .file(kLateFile, "net.ipv4.tcp_fin_timeout = 20\n")
                                         .snapshot);
  CHECK(lines_of(audit) ==
        Lines{"net.ipv4.tcp_fin_timeout@1 20 systemd 20 by 1", "net.ipv4.tcp_fin_timeout@1 30 systemd -"});
}

TEST_CASE("profile-unmet: what a profile asks for is not so") {
  const Desired wishes = desired({"tcp_fin_timeout = <= 30", "tcp_syncookies = 1"});
  const Snapshot snapshot = host().snapshot;
  Audit audit = audit_snapshot(snapshot);
  REQUIRE(hold_to_profile(audit, snapshot, wishes).has_value());
  CHECK(found_in(audit) == Lines{"profile-unmet"});
  CHECK(audit.findings[0].key == "net.ipv4.tcp_fin_timeout");
}

TEST_CASE("B12: net.nf_conntrack_max is net.netfilter.nf_conntrack_max under its second key") {
  const PlanHost box = host()
                           .modules_at_boot({"nf_conntrack"})
                           .live("nf_conntrack_max", "10000")
                           .file(kLateFile, "net.nf_conntrack_max = 10000\n");
  CHECK(found(box).empty());
  const Audit audit = audit_snapshot(box.snapshot);
  REQUIRE(audit.settings.size() == 1);
  CHECK(audit.settings[0].setting->key == "net.netfilter.nf_conntrack_max");
  CHECK(box.plan({"nf_conntrack_max = 10000"}).settings[0].boot == "10000");
}

TEST_CASE("B14: in the container of an application nobody reads the image's boot files") {
  const PlanHost box = host()
                           .container("docker")
                           .loader(Loader::none)
                           .file("/etc/sysctl.conf", "net.ipv4.ip_local_port_range = 60535 62535\n");
  const Audit audit = audit_snapshot(box.snapshot);
  CHECK(found(box) == Lines{"file-not-read /etc/sysctl.conf:0"});
  CHECK(audit.findings[0].evidence ==
        "1 line about settings that twctl knows, and in this container (docker) nobody reads boot files.");
  CHECK(audit.findings[0].advice.find("docker run --sysctl") != std::string::npos);
  const Plan plan = box.plan({"ip_local_port_range = 60535 62535"});
  CHECK(plan.settings[0].boot == "32768 60999");
  CHECK_FALSE(plan.settings[0].boot_verdict);
  CHECK(plan.settings[0].write_in(Layer::boot) == nullptr);
  const Plan wide = box.plan({"ip_local_port_range = 20000 60999", "tcp_tw_reuse = 1"}, scope(Scope::boot));
  CHECK(wide.settings[0].boot_verdict->verdict != Verdict::shadowed);
  CHECK(wide.notes.size() == 1);  // though it is so for both settings
  CHECK(box.plan({"ip_local_port_range = 20000 60999", "tcp_tw_reuse = 1"}).notes.size() == 1);
}

TEST_CASE("B15: the NodePorts of a Kubernetes node in the port range are a warning, with the whole range") {
  const LaterWriter kubelet{.name = "kube-proxy", .evidence = "/var/lib/kubelet/config.yaml", .writes = {}};
  const std::string wide = "net.ipv4.ip_local_port_range = 10240 65535\n";
  const PlanHost box = host().live("ip_local_port_range", "10240 65535").file(kLateFile, wide).later_writer(kubelet);
  CHECK(evidence_of(audit_snapshot(box.snapshot), "port-range-nodeports") ==
        "10240-65535 covers the NodePorts 30000-32767, which are not reserved.");
  CHECK(worst(audit_snapshot(box.snapshot).findings) == Severity::warning);
  const PlanHost reserved = host()
                                .live("ip_local_port_range", "10240 65535")
                                .live("ip_local_reserved_ports", "30000-32767")
                                .file(kLateFile, wide + "net.ipv4.ip_local_reserved_ports = 30000-32767\n")
                                .later_writer(kubelet);
  CHECK(evidence_of(audit_snapshot(reserved.snapshot), "port-range-nodeports").empty());
  CHECK(evidence_of(audit_snapshot(host().later_writer(kubelet).snapshot), "port-range-nodeports").empty());
}

TEST_CASE("F13: a live value below what the host's kernel takes by itself is found, its own default is not") {
  CHECK(found(host().live("tcp_max_tw_buckets", "500")) == Lines{"tw-buckets-few"});
  CHECK(found(host().live("tcp_max_tw_buckets", "8192")).empty());
  CHECK(found(host().hash_entries(16384).live("tcp_max_tw_buckets", "8192")).empty());
  CHECK(found(host().hash_entries(131072).live("tcp_max_tw_buckets", "8192")) == Lines{"tw-buckets-few"});
}

TEST_CASE("a host whose whole port range is reserved is found, at the next boot and live") {
  const PlanHost boot = host().file(kLateFile, "net.ipv4.ip_local_reserved_ports = 0-65535\n");
  CHECK(evidence_of(audit_snapshot(boot.snapshot), "port-range-all-reserved") ==
        "net.ipv4.ip_local_reserved_ports has every port of 32768-60999.");
  const PlanHost live = host().live("ip_local_reserved_ports", "32768-60999");
  CHECK(evidence_of(audit_snapshot(live.snapshot), "port-range-all-reserved") ==
        "net.ipv4.ip_local_reserved_ports has every port of 32768-60999 (live).");
}

TEST_CASE("what only the other loader applies is said of that loader") {
  const PlanHost box = host().file("/etc/sysctl.conf", "net.ipv4.tcp_syncookies = 0\n");
  CHECK(evidence_of(audit_snapshot(box.snapshot), "syncookies-off") ==
        "net.ipv4.tcp_syncookies is 0 for `sysctl --system`.");
}

TEST_CASE("a host without systemd is not told what systemd-sysctl would make of its files") {
  const std::string lines = "net.ipv4.tcp_syncookies = 0\nnet.ipv4.tcp_syncookies = 1x\n";
  PlanHost box = host().file("/etc/sysctl.d/50-x.conf", lines);
  CHECK(!evidence_of(audit_snapshot(box.snapshot), "loaders-differ").empty());
  box.snapshot.host.loader = Loader::procps;
  CHECK(evidence_of(audit_snapshot(box.snapshot), "loaders-differ").empty());
}

TEST_CASE("a live value that is empty is called so where it drifts") {
  const PlanHost box =
      host().file(kLateFile, "net.ipv4.ip_local_reserved_ports = 8080\n").live("ip_local_reserved_ports", "");
  CHECK(evidence_of(audit_snapshot(box.snapshot), "drift") ==
        std::string("net.ipv4.ip_local_reserved_ports is empty live; the next boot sets 8080 (") + kLateFile + ":1).");
}

TEST_CASE("a kernel that is not known is narrowed by its modules and its distribution, else both answers are said") {
  HostFacts facts{};
  const auto names = [&](const std::vector<std::string>& installed) {
    Lines releases;
    for (const HostFacts& one : possible_kernels(facts, installed)) releases.push_back(one.kernel_release);
    return releases;
  };
  CHECK(names({}) == Lines{"3.10.0", ""});
  CHECK(names({"6.1.0-30-amd64"}) == Lines{"6.1.0-30-amd64"});
  CHECK(names({"6.12.1", "README", "4.9.0-8", "5.10.0"}) == Lines{"4.9.0-8", "6.12.1"});
  facts.distribution = "CentOS Linux 7 (Core)";
  CHECK(names({}) == Lines{"3.10.0.el7"});
  facts.kernel = {6, 1, 0};
  CHECK(names({"4.9.0"}) == Lines{""});
}

TEST_CASE(
    "a tree's distribution tells its kernel, a newer release the newest that is known, another name a current one") {
  const auto kernel_of = [](std::string distribution) {
    HostFacts facts{};
    facts.distribution = std::move(distribution);
    const std::vector<HostFacts> possible = possible_kernels(facts, {});
    return possible.size() == 1 ? possible[0].kernel_release : "one of several";
  };
  CHECK(kernel_of("Red Hat Enterprise Linux Server 7.9 (Maipo)") == "3.10.0.el7");
  CHECK(kernel_of("AlmaLinux 9.4 (Seafoam Ocelot)") == "5.14.0.el9");
  CHECK(kernel_of("Red Hat Enterprise Linux 10.0 (Coughlan)") == "6.12.0.el10");
  CHECK(kernel_of("CentOS Stream 10 (Coughlan)") == "6.12.0.el10");
  CHECK(kernel_of("SUSE Linux Enterprise Server 15 SP3") == "5.3");
  CHECK(kernel_of("openSUSE Leap 15.6") == "6.4");
  CHECK(kernel_of("Alpine Linux v3.19") == "6.6");
  CHECK(kernel_of("Microsoft Azure Linux 3.0") == "6.6");
  CHECK(kernel_of("Amazon Linux 2") == "4.14");
  CHECK(kernel_of("Amazon Linux 2023.5.20240701") == "6.1");
  CHECK(kernel_of("Ubuntu 24.04.3 LTS") == "6.8");
  CHECK(kernel_of("Ubuntu 25.10") == "6.17");
  CHECK(kernel_of("Ubuntu 26.04 LTS") == "6.17");
  CHECK(kernel_of("Debian GNU/Linux forky/sid") == "6.12");
  CHECK(kernel_of("Fedora Linux 42 (Server Edition)").empty());
  CHECK(kernel_of("Arch Linux").empty());
  CHECK(kernel_of("Debian GNU/Linux 7 (wheezy)") == "one of several");
  CHECK(kernel_of("") == "one of several");
}

TEST_CASE("CentOS 7's /etc with tcp_tw_recycle = 1 is an error, and on no known kernel both answers are said") {
  const PlanHost box = host().kernel("").image().file(kLateFile, "net.ipv4.tcp_tw_recycle = 1\n");
  const auto audit_of = [&](std::string distribution) {
    Snapshot snapshot = box.snapshot;
    snapshot.host.distribution = std::move(distribution);
    return *audit_for_each(possible_kernels(snapshot.host, {}), [&](const HostFacts& one) -> Result<Audit> {
      snapshot.host = one;
      return audit_snapshot(snapshot);
    });
  };
  CHECK(evidence_of(audit_of("CentOS Linux 7 (Core)"), "recycle-on") == "net.ipv4.tcp_tw_recycle is 1.");
  const Audit both = audit_of("");
  CHECK(worst(both.findings) == Severity::error);
  CHECK(evidence_of(both, "recycle-on") == "On Linux 3.10.0: net.ipv4.tcp_tw_recycle is 1.");
  CHECK(evidence_of(both, "removed-key").starts_with("On a current Linux: net.ipv4.tcp_tw_recycle: removed in Linux"));
  CHECK(both.kernels == "kernel not known: judged for Linux 3.10.0 and for a current Linux");
}

TEST_CASE("--against says what of the profile was held to nothing") {
  const PlanHost box = host();
  Audit audit = audit_snapshot(box.snapshot);
  Desired wishes = desired({"-tcp_tw_reuse_delay = 500", "tcp_fin_timeout = 60"});
  wishes.names = {"x.conf"};
  wishes.out_of_scope = 2;
  REQUIRE(hold_to_profile(audit, box.snapshot, wishes).has_value());
  REQUIRE(audit.unjudged.size() == 2);
  CHECK(audit.unjudged[0] == Unjudged{"x.conf", "2 keys outside twctl's scope"});
  CHECK(audit.unjudged[1].what == "net.ipv4.tcp_tw_reuse_delay");
  Audit empty = audit_snapshot(box.snapshot);
  Desired nothing;
  nothing.names = {"y.conf"};
  REQUIRE(hold_to_profile(empty, box.snapshot, nothing).has_value());
  CHECK(empty.unjudged == std::vector<Unjudged>{{"y.conf", "it sets nothing in twctl's scope"}});
}

TEST_CASE("B7: an active profile that TuneD itself refuses is found on the host") {
  const LaterWriter tuned{.name = "TuneD",
                          .evidence =
                              "/etc/tuned/active_profile: busy; it refuses /etc/tuned/busy/tuned.conf:3, so it "
                              "sets nothing",
                          .when = WriteTime::at_boot,
                          .refused = true};
  CHECK(found(host().later_writer(tuned)) == Lines{"tuned-refuses"});
  CHECK(evidence_of(audit_snapshot(host().later_writer(tuned).snapshot), "tuned-refuses") == tuned.evidence + ".");
}

TEST_CASE("F13: every limit whose default depends on the host is found where it is far below any default") {
  CHECK(found(host().live("tcp_max_orphans", "64")) == Lines{"limit-low"});
  CHECK(found(host().hash_entries(65536).live("tcp_max_orphans", "32768")).empty());
  CHECK(found(host().live("nf_conntrack_max", "1000")) == Lines{"limit-low"});
  CHECK(found(host().live("nf_conntrack_max", "8192")).empty());
  CHECK(found(host().live("tcp_max_syn_backlog", "16")) == Lines{"limit-low (info)"});
  CHECK(found(host().live("tcp_max_syn_backlog", "512")).empty());
  CHECK(found(host().file(kLateFile, "net.core.netdev_max_backlog = 10\n").live("netdev_max_backlog", "10")) ==
        Lines{"limit-low " + kLateFile + ":1"});
}

TEST_CASE("F13: of a live value that no line sets the advice takes no line out") {
  const Audit audit = audit_snapshot(host().live("tcp_max_tw_buckets", "500").snapshot);
  REQUIRE(audit.findings.size() == 1);
  CHECK(audit.findings[0].advice == "No boot file sets it: find out who did, and set the kernel's default again.");
  CHECK(audit_snapshot(host().hash_entries(65536).live("tcp_max_tw_buckets", "500").snapshot).findings[0].advice ==
        "No boot file sets it: find out who did, and set the kernel's default again, 32768.");
}

TEST_CASE("an advice to take a line out is given where there is one, and its row says that it is one") {
  const Audit audit = audit_snapshot(host().live("tcp_keepalive_probes", "0").snapshot);
  const auto probes = std::find_if(audit.findings.begin(), audit.findings.end(),
                                   [](const Finding& one) { return one.row->id == "keepalive-without-wait"; });
  REQUIRE(probes != audit.findings.end());
  CHECK(probes->advice == "No boot file sets it: find out who did, and set the kernel's default again, 9.");
  for (const FindingRow& row : audit_findings()) {
    CAPTURE(row.id);
    const auto begins = [&](std::string_view words) { return row.advice.starts_with(words); };
    CHECK(row.takes_line_out == (begins("Take the line out") || begins("Delete the line") || begins("Delete one of")));
  }
}

TEST_CASE("B5: where TuneD only raises a boot file's value, the advice does not take its line out") {
  const LaterWriter tuned{.name = "TuneD",
                          .evidence = "/etc/tuned/active_profile: a",
                          .when = WriteTime::at_boot,
                          .writes = {{"net.core.somaxconn", ">2048", {"/etc/tuned/a/tuned.conf", 2}}}};
  const PlanHost box =
      host().live("somaxconn", "2048").file(kLateFile, "net.core.somaxconn = 512\n").later_writer(tuned);
  const Findings findings = audit_snapshot(box.snapshot).findings;
  const auto small = std::find_if(findings.begin(), findings.end(),
                                  [](const Finding& finding) { return finding.row->id == "somaxconn-small"; });
  REQUIRE(small != findings.end());
  CHECK(small->advice == "Take the lower value out of the boot file, or write the default or more here.");
}

TEST_CASE("X8: on its vendor's kernel a vendor's key is not missing, nor on Red Hat's what it may have taken over") {
  const auto on = [](std::string distribution, const std::string& kernel, const std::string& key) {
    Snapshot snapshot = host().kernel(kernel).image().file(kLateFile, key + " = 1\n").snapshot;
    snapshot.host.distribution = std::move(distribution);
    return evidence_of(audit_snapshot(snapshot), "missing-key");
  };
  CHECK(on("Alibaba Cloud Linux 3 (Soaring Falcon)", "5.10.134-16.al8.x86_64", "net.ipv4.tcp_tw_timeout").empty());
  CHECK(on("TencentOS Server 3.1 (Final)", "5.4.119-19-0009.1", "net.ipv4.tcp_tw_ignore_syn_tsval_zero").empty());
  CHECK(on("AlmaLinux 8.9 (Midnight Oncilla)", "4.18.0-513.el8.x86_64", "net.ipv4.ip_autobind_reuse").empty());
  CHECK(!on("AlmaLinux 8.9 (Midnight Oncilla)", "4.18.0-513.el8.x86_64", "net.ipv4.tcp_tw_timeout").empty());
  CHECK(!on("AlmaLinux 8.9 (Midnight Oncilla)", "4.18.0-513.el8.x86_64", "net.ipv4.tcp_tw_reuse_delay").empty());
}
