// What a person sees of an audit: each slip once, each cause once, on one screen.
#include <doctest/doctest.h>

#include <algorithm>

#include "audit/audit_host.hpp"
#include "report/audit_formats.hpp"
#include "report/audit_text.hpp"
#include "support/audited.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string text_of(std::string_view file) { return audit_text(audited(file), {}, {.columns = 80}, Detail::normal); }

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("F16: fourteen lines with the same slip are one finding with its lines") {
  std::string file;
  for (int n = 0; n < 14; ++n) file += "net.ipv4.tcp_fin_timeout = \"" + std::to_string(20 + n) + "\"\n";
  const std::string text = text_of(file);
  CHECK(text.find("error   value-refused  14 times\n") != std::string::npos);
  CHECK(text.find("    and 8 more (-v)\n") != std::string::npos);
  CHECK(text.find("\n14 errors; ") != std::string::npos);
  CHECK(count_of(text, "advice") == 1);
  CHECK(count_of(text, "\n") < 25);
  CHECK(audited(file).findings.size() == 14);  // for programs: each with its line
}

TEST_CASE("F16: a cause is told once, with what comes of it") {
  const std::string file = "# dev-sec\nnet.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_reuse = 1\n";
  const std::string text = text_of(file);
  CHECK(text.find("    so reuse-inert  net.ipv4.tcp_tw_reuse is 1 and net.ipv4.tcp_timestamps is 0.\n") !=
        std::string::npos);
  CHECK(text.find("    so dev-sec-timestamps  ") != std::string::npos);
  CHECK(text.find("\n2 warnings, 1 info; ") != std::string::npos);
}

TEST_CASE("F17: the default text says why in one sentence, and what to do") {
  CHECK(text_of("net.ipv4.tcp_timestamps = 0\n")
            .find("warning timestamps-off  net.ipv4.tcp_timestamps  x.conf:1\n"
                  "    net.ipv4.tcp_timestamps is 0. Old segments are not told from new ones\n"
                  "    (PAWS), round trips are measured worse, SYN cookies lose window scaling and\n"
                  "    SACK, and tcp_tw_reuse does nothing.\n"
                  "    advice     Set tcp_timestamps to 1, its default.\n") != std::string::npos);
}

TEST_CASE("of tcp_tw_recycle the report speaks first, and never advises the timestamps that would switch it on") {
  const Audit audit = audited("net.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_recycle = 1\n",
                              context_of("3.10"));
  const std::string text = audit_text(audit, {}, {.columns = 200}, Detail::normal);
  CHECK(text.find("\n\nwarning recycle-inert  ") != std::string::npos);
  const std::string_view first = "Set tcp_tw_recycle to 0 first, or clients behind NAT are locked out. Set tcp_timesta";
  for (const Finding& finding : audit.findings) {
    CAPTURE(finding.row->id);
    if (finding.row->id != "recycle-inert") CHECK(finding.advice.starts_with(first));
  }
  CHECK(audited("net.ipv4.tcp_timestamps = 0\n", context_of("3.10")).findings[0].advice ==
        "Set tcp_timestamps to 1, its default.");
  const std::string on =
      audit_text(audited("net.core.somaxconn = x\nnet.ipv4.tcp_tw_recycle = 1\n", context_of("3.10")), {},
                 {.columns = 400}, Detail::normal);
  CHECK(on.find("\n\nerror   recycle-on  ") != std::string::npos);
  CHECK(on.find(" is 1. Clients behind one NAT or load balancer cannot connect, at random: ") != std::string::npos);
}

TEST_CASE("what is said of a value or a line that is refused is true of each") {
  CHECK(text_of("net.ipv4.tcp_tw_reuse = 256\n").find("comment") == std::string::npos);
  const std::string removed = audit_text(audited("net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.ip_conntrack_max = 1\n"), {},
                                         {.columns = 400}, Detail::normal);
  CHECK(count_of(removed, "systemd-sysctl and TuneD log such a line and go on") == 1);
  CHECK(text_of("net.ipv4.tcp_tw_timeout = 30\n").find("older") == std::string::npos);
  CHECK(text_of("net.ipv4.tcp_max_tw_buckets = 5000\n").find(" is 5000. Above it connections") != std::string::npos);
  const std::string low = text_of("net.core.netdev_max_backlog = 500\n");
  CHECK(low.find("is 500, below the kernel's own 1000. Packets") != std::string::npos);
  CHECK(low.find("orphans") == std::string::npos);
  const std::string half_open = audit_text(audited("net.ipv4.tcp_syncookies = 0\nnet.ipv4.tcp_max_syn_backlog = 80\n"),
                                           {}, {.columns = 400}, Detail::normal);
  CHECK(half_open.find(
            "net.ipv4.tcp_max_syn_backlog is 80, below the kernel's own 128 of a host with 512 MiB of memory. "
            "While SYN cookies are off, the kernel drops SYNs from three quarters of it on.") != std::string::npos);
}

TEST_CASE("B10: what comes of a removed key is said of each kind of place, and of no kind twice") {
  const auto written_by = [](std::string name, int line, bool before_boot_files = false) {
    return LaterWriter{.name = std::move(name),
                       .evidence = "/x",
                       .writes = {{"net.ipv4.tcp_tw_recycle", "1", {"/x", line}}},
                       .before_boot_files = before_boot_files};
  };
  const PlanHost box = host()
                           .file("/etc/sysctl.d/50-x.conf", "net.ipv4.tcp_tw_recycle = 1\n")
                           .later_writer(written_by("cron", 1))
                           .later_writer(written_by("cron", 2))
                           .later_writer(written_by("GRUB", 3, true));
  const std::string text = audit_text(audit_snapshot(box.snapshot), {}, {.columns = 400}, Detail::normal);
  CHECK(count_of(text, "systemd-sysctl and TuneD log such a line and go on") == 1);
  CHECK(count_of(text, "On this kernel nothing is set by it, and what runs it may get an error.") == 1);
  CHECK(count_of(text, "The kernel logs such a parameter at its start and goes on: nothing is set.") == 1);
}

TEST_CASE("B10: of a refused value in a script no loader is spoken of") {
  const LaterWriter script{.name = "rc.local",
                           .evidence = "/etc/rc.local",
                           .when = WriteTime::at_boot,
                           .writes = {{"net.ipv4.tcp_fin_timeout", "30s", {"/etc/rc.local", 2}}}};
  const std::string text =
      audit_text(audit_snapshot(host().later_writer(script).snapshot), {}, {.columns = 400}, Detail::normal);
  CHECK(text.find("'s' is not a digit. The kernel refuses it and keeps what it had.\n") != std::string::npos);
}

TEST_CASE("one command plans all that has drifted, where it was found") {
  PlanHost box = host().live("tcp_fin_timeout", "30").live("ip_local_port_range", "1024\t65535");
  Audit audit = audit_snapshot(box.snapshot);
  CHECK(audit_text(audit, {}, {}, Detail::normal).find("twctl plan") == std::string::npos);  // of another host
  audit.place = " --root /mnt";
  CHECK(audit_text(audit, {}, {}, Detail::normal)
            .find("    For the values that are live:\n"
                  "      twctl plan --set net.ipv4.tcp_fin_timeout=30 --set 'net.ipv4.ip_local_port_range=1024 65535' "
                  "--root /mnt\n"
                  "    For those of the next boot:\n"
                  "      twctl plan --set net.ipv4.tcp_fin_timeout=60 --set 'net.ipv4.ip_local_port_range=32768 60999' "
                  "--root /mnt\n") != std::string::npos);
  ignore(audit, std::vector<std::string>{"ports-privileged"});
  CHECK(audit.drifts.size() == 2);
  ignore(audit, std::vector<std::string>{"drift"});
  CHECK(audit_text(audit, {}, {}, Detail::normal).find("twctl plan") == std::string::npos);
}

TEST_CASE("F2: nothing is found only in what was judged") {
  CHECK(text_of("vm.swappiness = 1\n")
            .find("not judged: x.conf: it sets none of the settings that twctl judges: 1 other\n"
                  "            setting\nnothing to judge; ") != std::string::npos);
  const std::string junit = audit_junit(audited("vm.swappiness = 1\n"), {});
  CHECK(junit.find(
            "<skipped message=\"not judged: it sets none of the settings that twctl judges: 1 other setting\"/>") !=
        std::string::npos);
  CHECK(text_of("net.core.somaxconn = 8192\n").find("nothing found; ") != std::string::npos);
}

TEST_CASE("B10: why a key was removed is told once to a person, and with each finding to programs") {
  const std::string file = "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_tw_recycle = 0\n";
  const std::string text = audit_text(audited(file), {}, {.columns = 1000}, Detail::normal);
  CHECK(count_of(text, "removed in Linux 4.12") == 3);
  CHECK(count_of(text, "It dropped connections") == 1);
  for (const Finding& finding : audited(file).findings) {
    if (finding.row->id == "removed-key") CHECK(finding.evidence.find("It dropped connections") != std::string::npos);
  }
}
