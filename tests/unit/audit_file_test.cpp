// What audit says that the kernel makes of each line, and which files it reads at all.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/audited.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;
using Lines = std::vector<std::string>;

namespace {

std::string refusal(std::string_view path, std::string_view text) {
  const Result<Audit> audit = audit_file(path, text, context_of());
  if (audit) return "";
  CHECK(audit.error().code == ErrorCode::invalid);
  return audit.error().message;
}

}  // namespace

TEST_CASE("-v of a file says once for each setting what it does not do, and no finding comes of it") {
  const test::Furnish blog = [](test::MemoryHost& host) {
    host.disk.files["/blog.conf"] =
        "net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_tw_reuse = 1\n";
  };
  const std::string verbose = test::run_cli({"audit", "/blog.conf", "-v"}, blog).results;
  const std::size_t at = verbose.find("\nWhat they do not do:\n  net.ipv4.tcp_fin_timeout: ");
  REQUIRE(at != std::string::npos);
  CHECK(verbose.find("  net.ipv4.tcp_fin_timeout: ", at) == verbose.rfind("  net.ipv4.tcp_fin_timeout: "));
  CHECK(verbose.find("\n  net.ipv4.tcp_tw_reuse: It does nothing for accepted connections", at) != std::string::npos);
  CHECK(test::run_cli({"audit", "/blog.conf"}, blog).results.find("do not do") == std::string::npos);
}

TEST_CASE("a file is for some host: what a container lacks, in which it is judged, is missing only with --container") {
  const test::Furnish build_server = [](test::MemoryHost& host) {
    host.facts.initial_network_namespace = false;
    host.facts.container = "docker";
    host.disk.files["/for-hosts.conf"] = "net.ipv4.tcp_max_orphans = 65536\n";
  };
  const test::Ran judged = test::run_cli({"audit", "/for-hosts.conf", "--kernel", "6.1"}, build_server);
  CHECK(judged.status == 0);
  CHECK(judged.results.find("namespace of its own") == std::string::npos);
  CHECK(test::run_cli({"audit", "-q", "/for-hosts.conf"}, build_server).status == 0);
  CHECK(test::run_cli({"audit", "-q", "/for-hosts.conf", "--container"}, build_server).status == 2);
}

TEST_CASE("each line has the value that the kernel makes of it, and the last word is marked") {
  CHECK(lines_of(audited("net.ipv4.tcp_fin_timeout = 17 # x\nnet.ipv4.tcp_fin_timeout = 0x12\n")) ==
        Lines{"net.ipv4.tcp_fin_timeout@1 17 by 2", "net.ipv4.tcp_fin_timeout@2 18"});
  CHECK(lines_of(audited("net.ipv4.ip_local_port_range = 40000\n")) ==
        Lines{"net.ipv4.ip_local_port_range@1 40000 60999"});
  CHECK(lines_of(audited("net.ipv4.ip_local_port_range = 80 65535\n")) == Lines{"net.ipv4.ip_local_port_range@1 -"});
}

TEST_CASE("where the loaders differ, both are there") {
  CHECK(lines_of(audited("net.ipv4.tcp_fin_timeout = 17\nnet.ipv4.tcp_fin_timeout = abc\n")) ==
        Lines{"net.ipv4.tcp_fin_timeout@1 17 systemd -", "net.ipv4.tcp_fin_timeout@2 -"});
  CHECK(lines_of(audited("net.ipv4.tcp_fin_timeout. = 17\n")) == Lines{"net.ipv4.tcp_fin_timeout@1 - systemd 17"});
}

TEST_CASE("a line that names the key wins over a wildcard, whatever the order") {
  CHECK(lines_of(audited("net.ipv4.tcp_fin_timeout = 17\nnet.ipv4.tcp_fin_* = 18\n")) ==
        Lines{"net.ipv4.tcp_fin_timeout@1 17", "net.ipv4.tcp_fin_timeout@2 - by 1"});
}

TEST_CASE("a line that names the setting and assigns nothing is there, with the reason") {
  const Audit audit = audited("net.ipv4.tcp_fin_timeout 30\nsysctl -w net.core.somaxconn=1\n");
  CHECK(lines_of(audit) == Lines{"net.ipv4.tcp_fin_timeout@1 -", "net.core.somaxconn@2 -"});
  CHECK(audit.settings[0].note == "no '='");
}

TEST_CASE("the kernel's version decides what it takes and what it has") {
  CHECK(lines_of(audited("net.ipv4.tcp_tw_reuse = 3\n", context_of("4.9.0"))) == Lines{"net.ipv4.tcp_tw_reuse@1 3"});
  CHECK(lines_of(audited("net.ipv4.tcp_syncookies = 256\n", context_of("5.10.0"))) ==
        Lines{"net.ipv4.tcp_syncookies@1 256"});
  CHECK(lines_of(audited("net.ipv4.tcp_syncookies = 256\n")) == Lines{"net.ipv4.tcp_syncookies@1 -"});
  CHECK(lines_of(audited("net.core.somaxconn = 65536\n", context_of("3.10.0"))) == Lines{"net.core.somaxconn@1 -"});
  CHECK(lines_of(audited("net.ipv4.ip_local_port_range = 80 65535\n", context_of("4.9.0"))) ==
        Lines{"net.ipv4.ip_local_port_range@1 80 65535"});
  CHECK(lines_of(audited("net.ipv4.tcp_tw_recycle = 1\n")) == Lines{"net.ipv4.tcp_tw_recycle@1 -"});
  CHECK(lines_of(audited("net.ipv4.tcp_tw_recycle = 1\n", context_of("4.9.0"))) ==
        Lines{"net.ipv4.tcp_tw_recycle@1 1"});
}

TEST_CASE("TuneD's files are read as TuneD reads them") {
  CHECK(lines_of(audited("[main]\nsummary=x\n[sysctl]\nnet.ipv4.tcp_fin_timeout=\"30\" # x\nnet.core.somaxconn=>2048\n"
                         "net.ipv4.tcp_tw_reuse=${x}\nnet.ipv4.tcp_fin_timeout=20\n")) ==
        Lines{"net.ipv4.tcp_fin_timeout@4 30 by 7", "net.core.somaxconn@5 4096", "net.ipv4.tcp_tw_reuse@6 -",
              "net.ipv4.tcp_fin_timeout@7 20"});
}

TEST_CASE(
    "TuneD's value goes on in a deeper indented line, and a line that TuneD refuses takes the whole file with it") {
  CHECK(lines_of(audited("[sysctl]\nnet.ipv4.ip_local_port_range = 15000\n   61000\n")) ==
        Lines{"net.ipv4.ip_local_port_range@2 15000 61000"});
  const Audit refused = audited("[sysctl]\nnet.ipv4.tcp_fin_timeout = 15\noops\n");
  CHECK(lines_of(refused).empty());
  CHECK(found_in(refused) == Lines{"tuned-refuses:3"});
}

TEST_CASE("a registry value without data has no effect, whatever type it names") {
  for (const std::string data : {"", ";c", "dword:", "hex(4):", "hex:"}) {
    CAPTURE(data);
    const std::string text =
        "Windows Registry Editor Version 5.00\r\n\r\n"
        "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\"TcpTimedWaitDelay\"=" +
        data + "\r\n";
    CHECK(found_in(audited(text, context_of(), "x.reg")) == Lines{"reg-no-effect:4"});
  }
}

TEST_CASE("a registry file's numbers are decimal in the report") {
  CHECK(lines_of(audited("REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n"
                         "\"tcptimedwaitdelay\"=dword:00000020\n",
                         context_of(), "x.reg")) == Lines{"TcpTimedWaitDelay@4 32"});
}

TEST_CASE("a profile of ours is judged by what it would write") {
  CHECK(lines_of(audited("[linux]\nnet.ipv4.tcp_fin_timeout = <= 30\nnet.core.somaxconn = >= 4096\n"
                         "-net.ipv4.tcp_tw_recycle = 0\n",
                         context_of(), "x.ini")) ==
        Lines{"net.ipv4.tcp_fin_timeout@2 30", "net.core.somaxconn@3 4096", "net.ipv4.tcp_tw_recycle@4 -"});
  CHECK(found_in(audited("[linux]\n-net.ipv4.tcp_tw_recycle = 0\n", context_of(), "x.ini")).empty());
  CHECK(found_in(audited("[linux]\nnet.ipv4.tcp_timestamps = 0\n", context_of(), "x.ini")) ==
        Lines{"timestamps-off:2"});
}

TEST_CASE("files of other kinds are refused by their kind") {
  CHECK(refusal("x.yml", "net.ipv4.tcp_fin_timeout: 30\n") == "this is YAML; twctl does not read that");
  CHECK(refusal("x", "---\nsysctls:\n  net.ipv4.tcp_fin_timeout: 30\n") == "this is YAML; twctl does not read that");
  CHECK(refusal("x", "#!/bin/sh\necho\n") == "this is a shell script; twctl does not read that");
  CHECK(refusal("x", "sysctl -w net.ipv4.tcp_fin_timeout=30\nsysctl -w a=b\n") ==
        "this is a shell script; twctl does not read that");
  CHECK(refusal("x", "{\"a\": 1}") == "this is JSON; twctl does not read that");
  CHECK(refusal("x", std::string("\x7f"
                                 "ELF\0\0\0\0\0\0\0\0",
                                 12)) == "this is a program (ELF); twctl does not read that");
  CHECK(refusal("x.conf", std::string(8001, '\n')) == "x.conf has 8001 lines; more than 8000 are not read");
}

TEST_CASE("an empty file and a file of comments are fine") {
  CHECK(found_in(audited("")).empty());
  CHECK(found_in(audited("# net.ipv4.tcp_tw_recycle = 1\n;x\n\n")).empty());
}

TEST_CASE("a comment in the file leaves a finding out, and the report says so") {
  const Audit audit = audited(
      "# twctl: ignore timestamps-off our firewall strips them\nnet.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_syncookies = "
      "0\n");
  CHECK(found_in(audit) == Lines{"syncookies-off:3"});
  CHECK(audit.suppressed == std::vector<Suppressed>{{"timestamps-off", "our firewall strips them", {"x.conf", 1}}});
}

TEST_CASE("a comment that leaves a finding out may have no blank in its mark") {
  const std::string text = "ignore timestamps-off a scanner\nnet.ipv4.tcp_timestamps = 0\n";
  for (const std::string mark : {"#twctl:", "# twctl:", ";twctl:  ", "# twctl: "}) {
    CAPTURE(mark);
    CHECK(found_in(audited(mark + text)).empty());
  }
  CHECK(found_in(audited("#twctl:ignored\nnet.ipv4.tcp_timestamps = 0\n")) == Lines{"timestamps-off:2"});
}

TEST_CASE("--ignore leaves a finding out, and the report says so") {
  Audit audit = audited("net.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_reuse = 1\n");
  ignore(audit, std::vector<std::string>{"timestamps-off", "syncookies-off"});
  CHECK(found_in(audit) == Lines{"reuse-inert:2"});
  CHECK(audit.suppressed == std::vector<Suppressed>{{"timestamps-off", "--ignore", {}}});
}

TEST_CASE("a line of a megabyte is judged, and shown short") {
  const Audit audit = audited("net.ipv4.tcp_fin_timeout = 17" + std::string(1 << 20, 'x') + "\n");
  CHECK(found_in(audit) == Lines{"value-refused:1"});
  CHECK(audit.findings[0].evidence.size() < 1000);
}

TEST_CASE("a wildcard among odd separators means what the loaders find, another key's wildcard does not") {
  for (const std::string key : {"net.core.somaxcon[n]", "net.*.somaxconn", "*.core.somaxconn", "net..core.somaxcon?",
                                ".net.core.somaxcon?", "net/ipv4/../core/somaxcon?"}) {
    CAPTURE(key);
    const Audit audit = audited(key + " = 5000\n");
    REQUIRE(audit.settings.size() == 1);
    CHECK(audit.settings[0].setting->key == "net.core.somaxconn");
    CHECK(audit.settings[0].effective == "5000");
  }
  CHECK(audited("net.ipv4.conf.*.rp_filter = 1\nnet.core.somaxcon?x = 1\n").settings.empty());
}

TEST_CASE("a wildcard writes its keys in the order of their names: the port range before the end of the privileged") {
  const Audit audit = audited("net.ipv4.ip_* = 48027\n");
  const auto is_start = [](const AuditedLine& line) {
    return line.setting->key == "net.ipv4.ip_unprivileged_port_start";
  };
  const auto start = std::find_if(audit.settings.begin(), audit.settings.end(), is_start);
  REQUIRE(start != audit.settings.end());
  CHECK(start->effective == "48027");
  CHECK(start->in_force_for_systemd());
}

TEST_CASE("N22: a file of any kind is audited up to 1024 lines about settings, 8000 in all") {
  const std::string registry =
      "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n";
  const auto refused = [](const std::string& path, std::string text, std::string_view line, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) text += line;
    return refusal(path, text);
  };
  const std::string_view ours = "\"TcpTimedWaitDelay\"=dword:1e\n";
  CHECK(refused("x.reg", registry, ours, 1024) == "");
  CHECK(refused("x.reg", registry, ours, 1025) == "more than 1024 lines about settings of the catalogue");
  CHECK(refused("x.reg", registry, "\n", 7998) == "");
  CHECK(refused("x.reg", registry, "\n", 7999) == "x.reg has 8001 lines; more than 8000 are not read");
  const std::string tuned = "[main]\nsummary=x\n[sysctl]\n";
  CHECK(refused("tuned.conf", tuned, "net.ipv4.tcp_fin_timeout=45\n", 1024) == "");
  CHECK(refused("tuned.conf", tuned, "net.ipv4.tcp_fin_timeout=45\n", 1025) ==
        "more than 1024 lines about settings of the catalogue");
  CHECK(refused("tuned.conf", tuned, "[a]\n", 7997) == "");
  CHECK(refused("tuned.conf", tuned, "[a]\n", 7998) == "tuned.conf has 8001 lines; more than 8000 are not read");
}
