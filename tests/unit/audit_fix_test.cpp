#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "audit/fix.hpp"
#include "audit/mended_line.hpp"
#include "audit/unified_diff.hpp"
#include "report/fix_text.hpp"
#include "support/audited.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string mended(std::string_view line) { return mended_line(line, context_of()).value_or("(as it was)"); }

}  // namespace

TEST_CASE("what keeps a line from applying is taken off it") {
  CHECK(mended("net.ipv4.tcp_fin_timeout = \"30\"") == "net.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("  net.ipv4.tcp_fin_timeout=30s") == "  net.ipv4.tcp_fin_timeout=30");
  CHECK(mended("net.ipv4.tcp_fin_timeout = 30#x") == "#x\nnet.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("net.ipv4.tcp_fin_timeout = +30;") == "net.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("net.ipv4.tcp_fin_timeout\xC2\xA0= 30") == "net.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("\xEF\xBB\xBFnet.ipv4.tcp_fin_timeout = 30") == "net.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("net.ipv4.tcp_fin_timeout\xEF\xBC\x9D"
               "30") == "net.ipv4.tcp_fin_timeout=30");
  CHECK(mended("sysctl -w net.ipv4.tcp_fin_timeout=30") == "net.ipv4.tcp_fin_timeout=30");
  CHECK(mended("/proc/sys/net/ipv4/tcp_fin_timeout = 30") == "net.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("net.ipv4.TCP_FIN_TIMEOUT = 30") == "net.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("net.ipv4.ip_local_reserved_ports = 8080 # web") == "# web\nnet.ipv4.ip_local_reserved_ports = 8080");
}

TEST_CASE("what a container's runtime is given is mended as any other file") {
  HostFacts facts = context_of().host();
  facts.container = kGivenToRuntime;
  const Fix fix =
      fix_file("x.conf", "net.ipv4.tcp_fin_timeout = 30s\nnet.ipv4.tcp_tw_recycle = 1\n", AuditContext(facts)).value();
  CHECK(fix.diff.find("+net.ipv4.tcp_fin_timeout = 30\n") != std::string::npos);
  CHECK(fix.diff.find("-net.ipv4.tcp_tw_recycle = 1\n") != std::string::npos);
}

TEST_CASE("nothing is guessed") {
  for (const auto line :
       {"net.core.somaxconn = 64k", "net.core.somaxconn = 65,535", "net.ipv4.tcp_fin_timeout = 1.5",
        "net.ipv4.tcp_fin_timeout: 30", "net.ipv4.tcp_tw_reuse = 3", "kernel.x = \"1\"", "# x = 1",
        "net.ipv4.ip_local_port_range = 80 65535", "net.ipv4.tcp_fin_timeout = 30",
        "net.ipv4.ip_local_port_range = 10240;65535", "net.ipv4.ip_local_port_range = 10240#65535",
        "net.ipv4.ip_local_port_range = 10240 # low", "net.ipv4.ip_local_reserved_ports = 8080;9090",
        "net.ipv4.ip_local_reserved_ports = 8080 ; 9090", "net.ipv4.tcp_syncookies = 1;net.ipv4.tcp_tw_reuse = 1",
        "net.ipv4.tcp_syncookies = 1 ; net.ipv4.tcp_tw_reuse = 1",
        "net.ipv4.tcp_syncookies = 1 net.ipv4.tcp_tw_reuse = 1", "net.ipv4.tcp_congestion_control = bbr;cubic",
        "net.ipv4.tcp_congestion_control = \"bbr"}) {
    CAPTURE(line);
    CHECK(mended(line) == "(as it was)");
  }
}

TEST_CASE("a diff has three lines of context, and near edits share a hunk") {
  const std::string text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n";
  CHECK(unified_diff("x", text, {{2, "two"}, {14, std::nullopt}}) ==
        "--- x\n+++ x\n"
        "@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n"
        "@@ -11,4 +11,3 @@\n 11\n 12\n 13\n-14\n");
  CHECK(unified_diff("x", text, {}).empty());
}

TEST_CASE("a diff marks a last line without line end, and quotes an odd name") {
  CHECK(unified_diff("x y", "1\n2", {{2, "two"}}) ==
        "--- \"x y\"\n+++ \"x y\"\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+two\n\\ No newline at end "
        "of file\n");
  CHECK(unified_diff("x", "1\n", {{1, std::nullopt}}) == "--- x\n+++ x\n@@ -1,1 +0,0 @@\n-1\n");
}

namespace {

Fix fixed(std::string_view text, std::string_view path = "x.conf") {
  auto fix = fix_file(path, text, context_of());
  REQUIRE(fix.has_value());
  return *std::move(fix);
}

}  // namespace

TEST_CASE("F11: the old names of connection tracking are renamed, in each kind of file") {
  CHECK(fixed("net.ipv4.netfilter.ip_conntrack_max = 1000\n").diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,1 +1,1 @@\n-net.ipv4.netfilter.ip_conntrack_max = 1000\n"
        "+net.netfilter.nf_conntrack_max = 1000\n");
  CHECK(fixed("[sysctl]\nnet.ipv4.ip_conntrack_max=1000\n").diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,2 +1,2 @@\n [sysctl]\n-net.ipv4.ip_conntrack_max=1000\n"
        "+net.netfilter.nf_conntrack_max=1000\n");
}

TEST_CASE("F18: a comment behind a value keeps its place, on a line of its own") {
  CHECK(fixed("  net.ipv4.tcp_fin_timeout = 30 # half\r\n").diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,1 +1,2 @@\n-  net.ipv4.tcp_fin_timeout = 30 # half\r\n+  # half\r\n"
        "+  net.ipv4.tcp_fin_timeout = 30\r\n");
  CHECK(mended("net.ipv4.tcp_syncookies = 1; on") == "; on\nnet.ipv4.tcp_syncookies = 1");
  CHECK(mended("net.ipv4.tcp_congestion_control = \"bbr\" # x") == "# x\nnet.ipv4.tcp_congestion_control = bbr");
  CHECK(mended("net.ipv4.tcp_congestion_control = bbr # x") == "# x\nnet.ipv4.tcp_congestion_control = bbr");
  CHECK(mended("net.ipv4.tcp_fin_timeout = \"30\" // why") == "# why\nnet.ipv4.tcp_fin_timeout = 30");
  CHECK(mended("net.ipv4.tcp_fin_timeout = 17 18") == "(as it was)");
}

TEST_CASE("a line that goes keeps what stands behind its value, whatever that is") {
  for (const std::string tail : {" ; 1 broke NAT clients", ";0", " # 2 hosts"}) {
    CAPTURE(tail);
    const std::string line = "net.ipv4.tcp_tw_recycle = 0" + tail;
    CHECK(fixed(line + "\n").diff == "--- x.conf\n+++ x.conf\n@@ -1,1 +1,1 @@\n-" + line + "\n+# " + line + "\n");
  }
}

TEST_CASE("F18: a line of two assignments is left to a person, who is told of the second one") {
  for (const std::string line :
       {"net.ipv4.tcp_tw_recycle = 0 ; net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_tw_recycle = 0 net.ipv4.tcp_tw_reuse=1",
        "net.ipv4.tcp_tw_recycle=0,net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_low_latency=0;net.ipv4.tcp_tw_reuse=1",
        "net.ipv4.ip_conntrack_max=1000 net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_fin_timeout=30;net.ipv4.tcp_tw_reuse=1",
        "sysctl -w net.ipv4.tcp_fin_timeout=30 net.ipv4.tcp_tw_reuse=1", "vm.swappiness=10,net.ipv4.tcp_tw_reuse=1"}) {
    for (const std::string& text : {line + "\n", "[sysctl]\n" + line + "\n"}) {
      if (text.starts_with('[') && line.starts_with("sysctl")) continue;
      CAPTURE(text);
      const Fix fix = fixed(text);
      CHECK(fix.diff.empty());
      CHECK(unmended_text(fix).find("needs a person: the line assigns net.ipv4.tcp_tw_reuse too; whether one line or "
                                    "two were meant is a guess\n  hint: ") != std::string::npos);
    }
  }
}

TEST_CASE("F5: an invisible character goes before any key, one outside the catalogue too") {
  CHECK(mended("\xE2\x80\x8Bvm.swappiness = 10") == "vm.swappiness = 10");
  CHECK(mended("vm.swappiness\xC2\xA0= 10") == "vm.swappiness = 10");
  CHECK(mended("\xE5\x8F\x82\xE6\x95\xB0 vm.swappiness = 10") == "(as it was)");
  CHECK(fixed("\xE2\x80\x8Bvm.swappiness = 10\n").after.findings.empty());
}

TEST_CASE("F18: removed keys go from each kind of file") {
  const std::string tail = "net.core.somaxconn = 8192\n";
  CHECK(fixed("[sysctl]\nnet.ipv4.tcp_tw_recycle=1\n" + tail).after.findings.empty());
  CHECK(fixed("[linux]\nnet.ipv4.tcp_tw_recycle = 1\n" + tail, "x.ini").after.findings.empty());
  CHECK(fixed("net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fack = 0\n" + tail).after.findings.empty());
  CHECK(fixed("  net.ipv4.tcp_tw_recycle = 1\n  " + tail).after.findings.empty());
  CHECK(fixed("REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n"
              "\"MaxUserPort\"=dword:0000fffe\n\"TcpTimedWaitDelay\"=dword:0000003c\n",
              "x.reg")
            .after.findings.empty());
}

TEST_CASE("F18: each alarm that no diff mends is left to a person, with the reason") {
  const Fix fix = fixed("net.core.somaxconn = 64k\nnet.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_fin_timeout = \"30\"\n");
  CHECK(unmended_text(fix) ==
        "twctl: x.conf:1: value-refused net.core.somaxconn: needs a person: which value was meant is a guess\n"
        "  hint: Write the plain number.\n"
        "twctl: x.conf:2: timestamps-off net.ipv4.tcp_timestamps: needs a person: the line does what it says; whether "
        "that is wanted is a decision\n"
        "  hint: Set tcp_timestamps to 1, its default.\n");
  CHECK(unmended_text(fixed("net.ipv4.tcp_fin_timout = 30\n")) ==
        "twctl: x.conf:1: unknown-key: needs a person: which key was meant is a guess\n"
        "  hint: \"net.ipv4.tcp_fin_timout\" is no key; did you mean net.ipv4.tcp_fin_timeout?\n");
  CHECK(
      unmended_text(fixed("net.ipv4.tcp_timewait_len = 30\n"))
          .starts_with("twctl: x.conf:1: unknown-key net.ipv4.tcp_timewait_len: needs a person: no setting does that\n"
                       "  hint: Delete the line."));
  CHECK(unmended_text(fixed("net.ipv4.tcp_fin_timeout = {{ x }}\n")) ==
        "twctl: x.conf: not mended: a template of sysctl.conf style: another program fills in its values\n");
}

TEST_CASE("F18: of several lines with the same mistake the one that no diff mends is named") {
  CHECK(unmended_text(fixed("net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fin_timeout = \"30\" # half\n"
                            "net.ipv4.tcp_fin_timeout = abc\n")) ==
        "twctl: x.conf:3: value-refused net.ipv4.tcp_fin_timeout: needs a person: which value was meant is a guess\n"
        "  hint: Write the plain number.\n");
}

TEST_CASE("F18: an assignment behind a value becomes no comment, and needs a person") {
  for (const std::string tail : {"", " # x"}) {
    const Fix fix = fixed("net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_syncookies=0" + tail + "\n");
    CHECK(fix.diff.empty());
    CHECK(unmended_text(fix) ==
          "twctl: x.conf:1: trailing-text net.ipv4.tcp_tw_reuse: needs a person: the line assigns "
          "net.ipv4.tcp_syncookies too; whether one line or two were meant is a guess\n"
          "  hint: Write each assignment on a line of its own.\n");
  }
}

TEST_CASE("F18: a patch is asked for in no other format, and what comes with --json is JSON all the same") {
  MemoryHost host;
  stock_host(host);
  host.disk.files["/x.conf"] = "net.ipv4.tcp_tw_recycle = 1\n";
  const Ran json = run_on(host, {"audit", "--fix", "--json", "/x.conf"});
  CHECK(json.status == 64);
  CHECK(nlohmann::json::parse(json.results)["error"]["message"] == "audit: --fix prints a patch, in no other format");
  CHECK(run_on(host, {"audit", "--fix", "--format", "sarif", "/x.conf"}).status == 64);
  CHECK(run_on(host, {"audit", "--fix", "--format", "text", "/x.conf"}).results.starts_with("--- /x.conf\n"));
}

TEST_CASE("H07: a diff is exact in a pipe, and harmless on a terminal") {
  MemoryHost host;
  stock_host(host);
  const std::string context = "# \x1b[2J\tred\xe2\x80\xae\n";
  host.disk.files["/x.conf"] = context + "net.ipv4.tcp_fin_timeout = 30s\n";
  const Ran piped = run_on(host, {"audit", "--fix", "/x.conf"});
  CHECK(piped.results.find(" " + context + "-net.ipv4.tcp_fin_timeout = 30s\n") != std::string::npos);
  Streams terminal;
  terminal.results_on_terminal = true;
  const Ran shown = run_on(host, {"audit", "--fix", "/x.conf"}, terminal);
  CHECK(shown.results.find(" # \\x1b[2J\tred\\u202e\n-net.ipv4.tcp_fin_timeout = 30s\n") != std::string::npos);
}

TEST_CASE("F18: a line that goes is commented out where its owner has said something of it") {
  const std::string tail = "net.core.somaxconn = 8192\n";
  CHECK(fixed("  net.ipv4.tcp_tw_recycle = 1 # for NAT\r\n" + tail).diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,2 +1,2 @@\n-  net.ipv4.tcp_tw_recycle = 1 # for NAT\r\n+  # "
        "net.ipv4.tcp_tw_recycle = 1 # for NAT\r\n net.core.somaxconn = 8192\n");
  CHECK(fixed("# for NAT\nnet.ipv4.tcp_tw_recycle = 1\n" + tail).diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,3 +1,3 @@\n # for NAT\n-net.ipv4.tcp_tw_recycle = 1\n"
        "+# net.ipv4.tcp_tw_recycle = 1\n net.core.somaxconn = 8192\n");
  CHECK(fixed("net.ipv4.tcp_fack = 0\n" + tail).diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,2 +1,1 @@\n-net.ipv4.tcp_fack = 0\n net.core.somaxconn = 8192\n");
}

TEST_CASE("why a value that cannot be meant needs a person is said of each") {
  const auto why = [](std::string_view line) {
    const std::string text = unmended_text(fixed(line));
    const std::size_t at = text.find("needs a person: ");
    return at == std::string::npos ? text : text.substr(at + 16, text.find('\n', at) - at - 16);
  };
  CHECK(why("net.ipv4.tcp_mem = 4096 87380 16777216\n") == "whether bytes or pages were meant is a guess");
  CHECK(why("net.ipv4.tcp_mem = 1 2 3\n") ==
        "which limits the host needs is a decision; without the line the kernel takes its own");
  CHECK(why("net.netfilter.nf_conntrack_tcp_timeout_time_wait = 5\n") ==
        "how long flows are to be kept is a decision; without the line the kernel takes its own");
}

TEST_CASE("of a line without effect nobody says that it does what it says") {
  const std::string text =
      unmended_text(fixed("net.ipv4.ip_local_port_range = 80 65535\nnet.ipv4.tcp_tw_reuse = 1\n"
                          "net.ipv4.tcp_timestamps = 0\n"));
  CHECK(text.find("ports-below-privileged net.ipv4.ip_local_port_range: needs a person: whether the range or "
                  "ip_unprivileged_port_start is to change is a decision\n") != std::string::npos);
  CHECK(text.find("reuse-inert net.ipv4.tcp_tw_reuse: needs a person: whether reuse or timestamps are to change is a "
                  "decision\n") != std::string::npos);
}

TEST_CASE("a mend never overrides what another line of the file sets") {
  const std::string names =
      "net.netfilter.nf_conntrack_max = 1048576\nnet/netfilter/nf_conntrack_tcp_timeout_close = 9\n";
  CHECK(fixed(names +
              "net.ipv4.netfilter.ip_conntrack_max = 65536\nnet.ipv4.netfilter.ip_conntrack_tcp_timeout_close = 1\n")
            .diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,4 +1,2 @@\n net.netfilter.nf_conntrack_max = 1048576\n"
        " net/netfilter/nf_conntrack_tcp_timeout_close = 9\n-net.ipv4.netfilter.ip_conntrack_max = 65536\n"
        "-net.ipv4.netfilter.ip_conntrack_tcp_timeout_close = 1\n");
  CHECK(fixed("[sysctl]\nnet.ipv4.ip_conntrack_max=5\nnet.netfilter.nf_conntrack_max=100000\n").diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,3 +1,2 @@\n [sysctl]\n-net.ipv4.ip_conntrack_max=5\n"
        " net.netfilter.nf_conntrack_max=100000\n");
  for (const std::string dead : {"/proc/sys/net/ipv4/tcp_tw_reuse=0", "net.ipv4.tcp_tw_reuse = 0;"}) {
    const Fix fix = fixed("net/ipv4/tcp_tw_reuse = 1\n" + dead + "\n");
    CHECK(fix.diff.empty());
    CHECK(
        unmended_text(fix).find("needs a person: another line sets the key; which of the two is meant is a decision") !=
        std::string::npos);
  }
  CHECK(fixed("vm.swappiness = 10\n\xE2\x80\x8Bvm.swappiness = 60\n").diff.empty());
}

TEST_CASE("of several lines with old names for one key the last one is renamed, as it would have counted") {
  CHECK(fixed("net.ipv4.ip_conntrack_max = 8000\nnet.ipv4.netfilter.ip_conntrack_max = 9000\n").diff ==
        "--- x.conf\n+++ x.conf\n@@ -1,2 +1,1 @@\n-net.ipv4.ip_conntrack_max = 8000\n"
        "-net.ipv4.netfilter.ip_conntrack_max = 9000\n+net.netfilter.nf_conntrack_max = 9000\n");
  CHECK(fixed("net.ipv4.ip_conntrack_max = 8000\nnet.netfilter.nf_conntrack_max = 64k\n").diff.empty());
}

TEST_CASE("a mend whose value makes the kernel refuse another line is left to a person, and the others are made") {
  CHECK(fixed("net.ipv4.ip_unprivileged_port_start = \"2000\"\nnet.ipv4.ip_local_port_range = 1025 65534\n")
            .diff.empty());
  const std::string range = "net.ipv4.ip_local_port_range = 40000 60001\n";
  CHECK(fixed(range + "net.ipv4.ip_unprivileged_port_start = 35000\n" + range).diff.empty());
  const Fix fix = fixed(
      "net.ipv4.ip_unprivileged_port_start = \"2000\"\nnet.ipv4.ip_local_port_range = 1025 65534\n"
      "net.ipv4.tcp_fin_timeout = \"30\"\nnet.ipv4.ip_conntrack_max = 100000\n");
  CHECK(fix.diff.find("-net.ipv4.ip_unprivileged_port_start") == std::string::npos);
  CHECK(fix.diff.find("+net.ipv4.tcp_fin_timeout = 30\n") != std::string::npos);
  CHECK(fix.diff.find("+net.netfilter.nf_conntrack_max = 100000\n") != std::string::npos);
  CHECK(unmended_text(fix) ==
        "twctl: x.conf:1: value-refused net.ipv4.ip_unprivileged_port_start: needs a person: with it mended the file "
        "would no longer set net.ipv4.ip_local_port_range as it does; which is meant is a decision\n"
        "  hint: Write the plain number.\n");
}
