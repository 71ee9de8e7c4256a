// A snapshot as JSON and back: nothing is lost, and nothing wrong is believed.
#include "report/snapshot_json.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "audit/audit_host.hpp"
#include "observe/discreet.hpp"
#include "support/plan_host.hpp"
#include "support/program.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using twctl::test::against_schema;
using Json = nlohmann::json;

namespace {

Snapshot full_snapshot() {
  Snapshot snapshot;
  snapshot.host = {.os = Os::linux_kernel,
                   .hostname = "web1",
                   .kernel_release = "6.1.0-30-cloud-amd64",
                   .kernel = {6, 1, 0},
                   .distribution = "Debian GNU/Linux 12 (bookworm)",
                   .boot_id = "5368235e-7e37-4691-b14a-cad48120deb7",
                   .network_namespace = "cookie:3",
                   .initial_network_namespace = false,
                   .netns = "blue",
                   .container = "lxc",
                   .loader = Loader::systemd,
                   .live = true,
                   .captured = true};
  snapshot.live = {{"net.ipv4.tcp_fin_timeout", {LiveValue::State::present, "60", true, ""}},
                   {"net.ipv4.ip_local_reserved_ports", {LiveValue::State::present, "", false, ""}},
                   {"net.ipv4.tcp_tw_recycle", {}},
                   {"net.core.somaxconn", {LiveValue::State::denied, "", false, "Permission denied"}}};
  snapshot.strays = {{"TcpTimedWaitDelay", "Interfaces\\{1}", {LiveValue::State::present, "30", false, ""}}};
  snapshot.boot_files = {{"/etc/sysctl.conf", "", "a = 1\n# caf\xc3\xa9\n", ""},
                         {"/etc/sysctl.d/\xff.conf", "", std::string("\0\xfe\x1b", 3), ""},
                         {"/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf", "", "dangling link"}};
  snapshot.later_writers = {{.name = "UFW",
                             .evidence = "/etc/ufw/ufw.conf: ENABLED=yes",
                             .when = WriteTime::before_network,
                             .writes = {{"net.ipv4.tcp_syncookies", "0", {"/etc/ufw/sysctl.conf", 3}}}},
                            {.name = "rc.local",
                             .evidence = "/etc/rc.local",
                             .when = WriteTime::at_boot,
                             .writes = {{"net.ipv4.tcp_syncookies", "0", {"/etc/rc.local", 3}, 1, 3},
                                        {.key = {}, .value = {}, .where = {"/etc/rc.local", 4}, .if_there = true},
                                        {"net.ipv4.tcp_syncookies", "1", {"/etc/rc.local", 5}}}},
                            {.name = "kube-proxy",
                             .evidence = "/var/lib/kube-proxy",
                             .writes = {{"net.netfilter.nf_conntrack_max", ""}},
                             .boot_files_win = true,
                             .refused = true,
                             .before_boot_files = true,
                             .without_prefix = {{"net.ipv4.tcp_tw_reuse", "1", {"/etc/default/grub", 2}}},
                             .unread = "only it knows"},
                            {.name = "dev-disk-by\\x5cx2duuid \\xe9.service", .evidence = "/etc/x\\x0a"}};  // escaped
  snapshot.boot_modules = {"nf_conntrack"};
  snapshot.tcp_hash_entries = 262144;
  snapshot.listening_ports = {22, 443};
  snapshot.other_namespaces = 3;
  return snapshot;
}

std::string without_problem(const Result<Snapshot>& snapshot) { return snapshot ? "" : snapshot.error().message; }

std::string problem_of(const Json& document) { return without_problem(read_snapshot("s.json", document.dump())); }

Json document() { return Json::parse(snapshot_json(full_snapshot())); }

}  // namespace

TEST_CASE("a snapshot reads back equal, whatever bytes the host's files have") {
  const Snapshot snapshot = full_snapshot();
  const auto again = read_snapshot("s.json", snapshot_json(snapshot));
  REQUIRE_MESSAGE(again.has_value(), without_problem(again));
  CHECK(*again == snapshot);
  CHECK(*read_snapshot("s.json", snapshot_json(Snapshot{})) == Snapshot{});
}

TEST_CASE("a setting that is not there has no value, whatever the document says") {
  Json odd = document();
  odd["live"]["net.core.somaxconn"]["value"] = "4096";
  odd["live"]["net.ipv4.tcp_tw_recycle"]["value"] = "0";
  CHECK(*read_snapshot("s.json", odd.dump()) == full_snapshot());
}

TEST_CASE("a snapshot is printable, says what it is and fits its schema") {
  const std::string text = snapshot_json(full_snapshot());
  CHECK(test::is_printable(text));
  CHECK(text.ends_with("}\n"));
  CHECK(document()["format_version"] == "1.0");
  CHECK(document()["command"] == "snapshot");
  CHECK(against_schema(text, "snapshot") == "");
  CHECK(against_schema(snapshot_json(Snapshot{}), "snapshot") == "");
}

TEST_CASE("H25: what may be secret is left out of a snapshot, and every line that counts stays where it was") {
  const std::string before =
      "# password: hunter2\n"
      "# twctl: ignore fin-timeout-low tested\n"
      "net.ipv4.tcp_fin_timeout = 30 # ticket 7\r\n"
      "net/ipv4/tcp_fastopen_key = 1-2-3-4\n"
      "  -net.ipv6.conf.all.stable_secret=::1\n"
      "-net.ipv4.conf.*.rp_filter\n"
      "net.ipv4.tcp_tw_* = 1\n"
      "hunter2\n"
      "kernel.core_pattern = |/x\rnet.core.somaxconn = 5000\n"
      "\n"
      "net.ipv4.tcp_tw_reuse 1\n"
      "net.core.default_qdisc = fq # x\n"
      "\xEF\xBB\xBF# hunter2\n"
      "- hunter2 secret\n"
      "7\n"
      "; hunter2: ANSSI-BP-028 says Time-Wait is not FIN_WAIT_2, see net/ipv4/tcp_fin_timeout\n"
      "#net.ipv4.tcp_fin_timeout = 15\n"
      "#net.ipv4.tcp_fastopen_key = 1-2-3-4";
  const std::string after =
      "#\n"
      "# twctl: ignore fin-timeout-low tested\n"
      "net.ipv4.tcp_fin_timeout = 30 # ticket 7\r\n"
      "net/ipv4/tcp_fastopen_key = (left out)\n"
      "  -net.ipv6.conf.all.stable_secret= (left out)\n"
      "-net.ipv4.conf.*.rp_filter\n"
      "net.ipv4.tcp_tw_* = 1\n"
      "(left out)\n"
      "kernel.core_pattern = (left out)\rnet.core.somaxconn = 5000\n"
      "\n"
      "net.ipv4.tcp_tw_reuse 1\n"
      "net.core.default_qdisc = fq # x\n"
      "\xEF\xBB\xBF#\n"
      "-(left out)\n"
      "?\n"
      "; ANSSI BP-028 Time-Wait not FIN_WAIT net/ipv4/tcp_fin_timeout\n"
      "#net.ipv4.tcp_fin_timeout = 15\n"
      "#";
  Snapshot snapshot;
  snapshot.boot_files = {{.path = "/etc/sysctl.d/a.conf", .bytes = before},
                         {.path = std::string(kOwnBootFile), .bytes = "# our own\n"},
                         {.path = std::string(kKernelCommandLine),
                          .bytes = "root=x pw=hunter2 sysctl.net.core.somaxconn=\"5000\" sysctl.kernel.x=1"}};
  snapshot.later_writers = {{.name = "rc.local",
                             .evidence = "/etc/rc.local",
                             .writes = {{.key = "net.ipv4.tcp_fin_timeout", .value = "30"},
                                        {.key = "net.ipv4.tcp_fastopen_key", .value = "1-2-3-4"}}}};
  const Snapshot told = discreet(snapshot);
  CHECK(told.boot_files[0].bytes == after);
  CHECK(told.boot_files[1].bytes == "# our own\n");
  CHECK(told.boot_files[2].bytes == "\"sysctl.net.core.somaxconn=5000\" \"sysctl.kernel.x=(left out)\"");
  CHECK(told.later_writers[0].writes[0].value == "30");
  CHECK(told.later_writers[0].writes[1].value == "");
  CHECK(discreet(told) == told);
}

TEST_CASE("H25: snapshot leaves secrets out unless it is asked for all, and says which it is") {
  const auto furnish = [](test::MemoryHost& host) {
    test::stock_host(host);
    host.disk.files["/etc/sysctl.d/a.conf"] = "net.ipv4.tcp_fastopen_key = hunter2\nnet.ipv4.tcp_fin_timeout = 30\n";
  };
  const std::string usual = test::run_cli({"snapshot"}, furnish).results;
  const std::string all = test::run_cli({"snapshot", "--all"}, furnish).results;
  CHECK(usual.find("hunter2") == std::string::npos);
  CHECK(all.find("hunter2") != std::string::npos);
  CHECK(Json::parse(usual)["whole"] == false);
  CHECK(Json::parse(all)["whole"] == true);
  CHECK(against_schema(usual, "snapshot") == "");
  const auto judged = [&](const std::string& snapshot, std::string_view command) {
    const auto with_file = [&](test::MemoryHost& host) { host.disk.files["s.json"] = snapshot; };
    return test::run_cli({command, "--json", "--from", "s.json"}, with_file).results;
  };
  for (const std::string_view command : {"plan", "audit"}) CHECK(judged(usual, command) == judged(all, command));
}

TEST_CASE("H25: an audit finds in what is left of a boot file what it finds in the whole one") {
  using namespace std::string_literals;
  const auto found = [](const Snapshot& snapshot) {
    std::vector<std::string> names;
    for (const Finding& one : audit_snapshot(snapshot).findings) {
      names.push_back(std::string(one.row->id) + " " + one.key + " " + std::to_string(one.where.line));
    }
    return names;
  };
  struct Text {
    std::string bytes;
    std::string finds;  // "" for nothing
  };
  const std::string set = "net.ipv4.tcp_fin_timeout = 30\n";
  const std::string low = "fin-timeout-not-time-wait net.ipv4.tcp_fin_timeout 3";
  for (const Text& text :
       std::vector<Text>{{"net.core.default_qdisc = fq\nnet.ipv4.tcp_congestion_control = bbr\n", ""},
                         {"net.core.default_qdisc = fq # x\n", "value-refused net.core.default_qdisc 1"},
                         {"\xEF\xBB\xBF# x\n", "byte-order-mark  1"},
                         {"\xEF\xBB\xBF\n", "byte-order-mark  1"},
                         {"\xEF\xBB\xBFkernel.x = 1\n", "odd-character  1"},
                         {"\xFF\xFEk\0.\0x\0=\0001\0\n\0"s, "utf-16  1"},
                         {"k\0.\0x\0=\0001\0\n\0"s, "utf-16  1"},
                         {"# x\n---\n--- # x\nx\n", ""},
                         {"x y\n", "bad-line  1"},
                         {"x \n", "bad-line  1"},
                         {"kernel.x = 5\0y\n"s, "nul-byte  1"},
                         {"kernel.x = 5\ry\n", "lone-cr  1"},
                         {"net.ipv4.tcp_fack = 1\n", "no-op-key net.ipv4.tcp_fack 1"},
                         {"net.ipv4.tcp_fack = 1,net.core.somaxconn=1\n", "no-op-key net.ipv4.tcp_fack 1"},
                         {"net.ipv4.tcp_fack = 1;c2VjcmV0=\n", "no-op-key net.ipv4.tcp_fack 1"},
                         {"vm.swappiness = 1 net.core.somaxconn=1\n", "trailing-text net.core.somaxconn 1"},
                         {"# shortens TIME_WAIT\n" + set, "myth-comment net.ipv4.tcp_fin_timeout 2"},
                         {"# shortens TIME_WAIT\n#" + set, "myth-comment net.ipv4.tcp_fin_timeout 2"},
                         {"# it does not\n# shorten TIME_WAIT\n" + set, low},
                         {"# shortens TIME_WAIT\n# net.ipv4.tcp_tw_reuse = 1\n" + set, low},
                         {"# shortens TIME_WAIT\n# beside net.ipv4.tcp_tw_reuse\n" + set, low},
                         {"# as ANSSI-BP-028 has it\nnet.ipv4.ip_local_port_range = 40000 65535\n",
                          "anssi-port-range net.ipv4.ip_local_port_range 2"},
                         {"net.ipv4.ip_local_port_range = 40000 65535\n", ""}}) {
    CAPTURE(text.bytes);
    const test::PlanHost host = test::host().image().file("/etc/sysctl.d/x.conf", text.bytes);
    const std::vector<std::string> whole = found(host.snapshot);
    CHECK(found(discreet(host.snapshot)) == whole);
    CHECK(whole == (text.finds.empty() ? std::vector<std::string>{} : std::vector{text.finds}));
  }
  for (const char* line : {"sysctl.net.ipv4.tcp_fack=1", "sysctl.net.core.default_qdisc=fq", "net.core.somaxconn=1"}) {
    CAPTURE(line);
    const test::PlanHost host = test::host().file(std::string(kKernelCommandLine), line);
    CHECK(found(discreet(host.snapshot)) == found(host.snapshot));
  }
}

TEST_CASE("H25: what looks like a second assignment keeps its key in a discreet snapshot only where that is ours") {
  const test::PlanHost host =
      test::host().file("/etc/sysctl.d/x.conf", "kernel.x = a;c2VjcmV0=\nkernel.y = a,net.core.somaxconn=1\n");
  CHECK(discreet(host.snapshot).boot_files.at(0).bytes ==
        "kernel.x = (left out);another.key=(left out)\nkernel.y = (left out);net.core.somaxconn=(left out)\n");
}

TEST_CASE("a word that an older twctl has left out of its snapshot is not judged") {
  const test::PlanHost host = test::host().file("/etc/sysctl.d/x.conf", "net.core.default_qdisc = (left out)\n");
  CHECK(audit_snapshot(host.snapshot).findings.empty());
}

TEST_CASE("another major format is refused, another minor one is read") {
  Json newer = document();
  newer["format_version"] = "2.0";
  const auto refused = read_snapshot("s.json", newer.dump());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == Error{.code = ErrorCode::invalid,
                                 .message = "format version 2.0; this twctl reads version 1",
                                 .where = {"s.json", 0},
                                 .hint = "use the twctl that wrote it, or take the snapshot again with this one"});
  for (const char* text : {"1.x", "1.", "1"}) {
    newer["format_version"] = text;
    CHECK(problem_of(newer) == std::string("format version ") + text + "; this twctl reads version 1");
  }
  newer["format_version"] = "1.7";
  newer["host"]["something_new"] = 1;
  CHECK(problem_of(newer) == "");
}

TEST_CASE("the output of another command is no snapshot") {
  Json other = document();
  other["command"] = "plan";
  CHECK(problem_of(other) == "not a snapshot but the output of 'plan'");
}

TEST_CASE("what is no JSON is refused with the line") {
  const auto broken = read_snapshot("s.json", "{\n\"format_version\":\n oops");
  CHECK(broken.error() == Error{.code = ErrorCode::invalid, .message = "not JSON", .where = {"s.json", 3}});
  CHECK(without_problem(read_snapshot("s.json", "")) == "not JSON");
  CHECK(without_problem(read_snapshot("s.json", "[]")) == "not a snapshot: the document: expected an object");
}

TEST_CASE("a number that nothing holds is refused") {
  CHECK(without_problem(read_snapshot("s.json", "{\"a\": 1e999999}")) == "not a snapshot: a number is too large");
}

TEST_CASE("each wrong field is refused by its name") {
  const std::pair<const char*, Json> rows[] = {{"/host/os", "plan9"},
                                               {"/host/live", 1},
                                               {"/host/hostname", Json::array()},
                                               {"/live/net.core.somaxconn/state", "maybe"},
                                               {"/boot_files/1/path", {{"base64", "!"}}},
                                               {"/boot_files/2/bytes", nullptr},
                                               {"/boot_files", Json::object()},
                                               {"/listening_ports/0", 65536},
                                               {"/listening_ports/1", 22.5},
                                               {"/listening_ports/1", "22"},
                                               {"/other_namespaces", -1},
                                               {"/later_writers/0/when", "now"},
                                               {"/later_writers/0/lines/0/line", -1}};
  std::string problems;
  for (const auto& [pointer, value] : rows) {
    Json wrong = document();
    wrong[Json::json_pointer(pointer)] = value;
    problems += problem_of(wrong).substr(sizeof "not a snapshot: " - 1) + "\n";
  }
  CHECK(problems ==
        "host.os: a word that this version does not know\n"
        "host.live: expected true or false\n"
        "host.hostname: expected text\n"
        "live.net.core.somaxconn.state: a word that this version does not know\n"
        "boot_files[1].path: expected base64\n"
        "boot_files[2].bytes: expected text\n"
        "boot_files: expected a list\n"
        "listening_ports[0]: expected a number from 1 to 65535\n"
        "listening_ports[1]: expected a number from 1 to 65535\n"
        "listening_ports[1]: expected a number from 1 to 65535\n"
        "other_namespaces: expected a number from 0 to 10000000\n"
        "later_writers[0].when: a word that this version does not know\n"
        "later_writers[0].lines[0].line: expected a number from 0 to 1073741824\n");
}

TEST_CASE("later writers of 0.1.0 have no lines, and their time is not known") {
  Json old = document();
  Json& writer = old["later_writers"][1];
  writer.erase("lines");
  writer.erase("when");
  const auto snapshot = read_snapshot("s.json", old.dump());
  REQUIRE(snapshot.has_value());
  CHECK(snapshot->later_writers[1] ==
        LaterWriter{.name = "rc.local", .evidence = "/etc/rc.local", .writes = {{"net.ipv4.tcp_syncookies", "1"}}});
  writer["writes"] = nullptr;
  CHECK(problem_of(old) == "not a snapshot: later_writers[1].writes: expected an object");
}

TEST_CASE("of earlier snapshots the evidence says whether TuneD refuses its profile") {
  Snapshot snapshot;
  snapshot.later_writers = {
      {.name = "TuneD", .evidence = "/etc/tuned/active_profile: a; it finds no profile b, so it sets nothing"},
      {.name = "TuneD", .evidence = "/etc/tuned/active_profile: a"}};
  Json old = Json::parse(snapshot_json(snapshot));
  for (Json& writer : old["later_writers"]) writer.erase("refused");
  const auto read = read_snapshot("s.json", old.dump());
  REQUIRE(read.has_value());
  CHECK(read->later_writers[0].refused);
  CHECK_FALSE(read->later_writers[1].refused);
}

TEST_CASE("a snapshot without any one of its fields is refused") {
  const Json whole = document();
  for (const auto& [name, unused] : whole.items()) {
    Json lacking = whole;
    lacking.erase(name);
    if (name == "tcp_hash_entries" || name == "sockets" || name == "strays" || name == "whole")
      continue;  // snapshots of earlier versions have none
    CHECK(problem_of(lacking) == "not a snapshot: " + name + ": missing");
  }
}

TEST_CASE("a snapshot of an earlier version, without the hash table's size, is read") {
  Json earlier = document();
  earlier.erase("tcp_hash_entries");
  CHECK(problem_of(earlier) == "");
  earlier["tcp_hash_entries"] = -1;
  CHECK(problem_of(earlier) == "not a snapshot: tcp_hash_entries: expected a number from 1 to 1073741824");
}

TEST_CASE("a snapshot of an earlier version, without what stands under Interfaces, is read") {
  Json earlier = document();
  earlier.erase("strays");
  Snapshot expected = full_snapshot();
  expected.strays.clear();
  CHECK(*read_snapshot("s.json", earlier.dump()) == expected);
  earlier["strays"] = {{{"key", "TcpTimedWaitDelay"}, {"place", 1}, {"live", nullptr}}};
  CHECK(problem_of(earlier) == "not a snapshot: strays[0].place: expected text");
}

TEST_CASE("a snapshot cut off anywhere is refused") {
  const std::string text = snapshot_json(full_snapshot());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    CHECK(without_problem(read_snapshot("s.json", text.substr(0, length))) == "not JSON");
  }
}

TEST_CASE("a document too deep or too full for a snapshot is refused") {
  const std::string deep(100000, '[');
  CHECK(without_problem(read_snapshot("s.json", deep)) == "not a snapshot: more values or levels than one has");
  std::string full = "[0";
  for (int i = 0; i < 200000; ++i) full += ",0";
  CHECK(without_problem(read_snapshot("s.json", full + "]")) == "not a snapshot: more values or levels than one has");
}

TEST_CASE("sentences of a hostile snapshot are made printable, names in it stay what they are") {
  Json hostile = document();
  hostile["host"]["hostname"] = "web\x1b[2J";
  hostile["host"]["netns"] = {{"base64", "/w=="}};
  hostile["live"]["net.core.somaxconn"]["problem"] = "\u202e";
  const auto snapshot = read_snapshot("s.json", hostile.dump());
  CHECK(snapshot->host.hostname == "web\x1b[2J");
  CHECK(snapshot->host.netns == "\xff");
  CHECK(snapshot->live.at("net.core.somaxconn").problem == "\\u202e");
}
