#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "audit/audit_host.hpp"
#include "audit/fleet.hpp"
#include "report/audit_formats.hpp"
#include "report/audit_html.hpp"
#include "report/audit_json.hpp"
#include "report/audit_text.hpp"
#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

Audit host_with(std::string name, std::string syncookies, std::string fin_timeout) {
  PlanHost one = host();
  one.live("tcp_syncookies", std::move(syncookies)).live("tcp_retries2", std::move(fin_timeout));
  one.snapshot.host.hostname = std::move(name);
  return audit_snapshot(one.snapshot);
}

// "warning drift net.ipv4.tcp_retries2 2 web1", one for each finding.
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
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", host_with("web1", "1", "30"));
  fleet.add(2, "2.json", host_with("web2", "1", "20"));
  CHECK(fleet.hosts() == 3);
  CHECK(rows(fleet) == std::vector<std::string>{"warning drift net.ipv4.tcp_retries2 2 web1"});
}

TEST_CASE("the first host is the first that was asked for, whichever thread met it first") {
  Fleet late(true);
  late.add(5, "5.json", host_with("web5", "1", "30"));
  Fleet early(true);
  early.add(2, "2.json", host_with("web2", "1", "30"));
  early.add_broken(1, Error{.message = "not JSON"});
  late.merge(std::move(early));
  CHECK(rows(late) == std::vector<std::string>{"warning drift net.ipv4.tcp_retries2 2 web2"});
  REQUIRE(late.lines().size() == 2);
  CHECK(late.lines()[0].host == "web2");
  CHECK(late.lines()[0].findings == std::vector<std::string>{"drift net.ipv4.tcp_retries2"});
  CHECK(late.broken().size() == 1);
}

TEST_CASE("hosts of one name are called by their files too, in every format") {
  Fleet fleet(true);
  fleet.add(0, "a/web1.json", host_with("web1", "1", "15"));
  fleet.add(1, "web1", host_with("", "1", "30"), "b/web1");
  fleet.add(2, "c.json", host_with("web2", "1", "30"));
  fleet.add(3, "c.json", host_with("", "1", "15"));
  fleet.add(4, "c.json", host_with("", "1", "15"));
  CHECK(fleet.summary().findings[0].hosts == std::vector<std::string>{"web1 (b/web1)", "web2"});
  CHECK(fleet.summary().findings[0].evidence == "2 of 5 hosts, the first is web1 (b/web1).");
  CHECK(hosts_with_text(fleet, "drift") == "web1 (b/web1)\nweb2\n");
  CHECK(fleet.alike()[1].hosts == std::vector<std::string>{"web1 (a/web1.json)", "c.json", "c.json"});
  const std::string junit = fleet_junit(fleet, {});
  CHECK(junit.find("<testsuite name=\"twctl audit: web1 (a/web1.json)\" tests=\"1\" failures=\"0\"") !=
        std::string::npos);
  CHECK(junit.find("<testsuite name=\"twctl audit: web1 (b/web1)\" tests=\"1\" failures=\"1\"") != std::string::npos);
  CHECK(fleet_csv(fleet).find("\"web1 (b/web1)\",warning,drift,") != std::string::npos);
  CHECK(fleet_html(fleet, {}).find("<td class=\"text\">web1 (b/web1), web2</td>") != std::string::npos);
  const std::string text = fleet_text(fleet, {}, {}, Detail::verbose);
  CHECK(text.find("\nweb1 (a/web1.json): nothing found\nweb1 (b/web1): drift ") != std::string::npos);
  CHECK(fleet_json(fleet, {}).find("\"host\": \"web1 (b/web1)\"") != std::string::npos);
}

TEST_CASE("a host without a name goes by its file") {
  Fleet fleet(false);
  fleet.add(0, "x.json", host_with("", "1", "30"));
  CHECK(rows(fleet) == std::vector<std::string>{"warning drift net.ipv4.tcp_retries2 1 x.json"});
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
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", host_with("web1", "1", "30"));
  fleet.add(2, "2.json", host_with("web2", "1", "20"));
  REQUIRE(fleet.summary().findings.size() == 1);
  CHECK(fleet.summary().findings[0].hosts == std::vector<std::string>{"web1", "web2"});
  CHECK(fleet_json(fleet, {}).find("\"hosts\": [\n        \"web1\",\n        \"web2\"\n      ]") != std::string::npos);
  const std::string junit = fleet_junit(fleet, {});
  CHECK(junit.find("<testsuite name=\"twctl audit: web0\" tests=\"1\" failures=\"0\"") != std::string::npos);
  CHECK(junit.find("<testsuite name=\"twctl audit: web2\" tests=\"1\" failures=\"1\"") != std::string::npos);
  CHECK(fleet_text(fleet, {}, {}, Detail::verbose).find("on web1, web2\n") != std::string::npos);
}

TEST_CASE("hosts that are alike are one group, and the outlier comes first") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", host_with("web1", "1", "30"));
  Fleet other(false);
  other.add(2, "2.json", host_with("web2", "1", "15"));
  fleet.merge(std::move(other));
  const std::vector<AlikeHosts> groups = fleet.alike();
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].hosts == std::vector<std::string>{"web1"});
  CHECK(groups[0].findings == std::vector<std::size_t>{0});
  CHECK(groups[1].hosts == std::vector<std::string>{"web0", "web2"});
  CHECK(groups[1].findings.empty());
  const std::string text = fleet_text(fleet, {}, {}, Detail::normal);
  CHECK(text.find("\nHosts that are alike:\n1 host  ") != std::string::npos);
  CHECK(text.find("    on web1\n2 hosts  ") != std::string::npos);
  CHECK(text.find("    nothing found\n    on web0, web2\n") != std::string::npos);
}

TEST_CASE("hosts of another system are another group, though the same was found there") {
  Fleet fleet(false);
  Audit other = host_with("web1", "1", "15");
  other.host.kernel_release = "5.4.0-42-generic";
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", other);
  CHECK(fleet.alike().size() == 2);
}

TEST_CASE("hosts whose kernel is not known are a group that says so") {
  Audit unknown = host_with("web1", "1", "15");
  unknown.host.kernel_release.clear();
  unknown.host.kernel = {};
  Fleet fleet(false);
  fleet.add(0, "0.json", unknown);
  CHECK(to_text(fleet.alike()[0].system) == "Debian GNU/Linux 12 (bookworm), Linux, kernel not known");
}

TEST_CASE("what a fleet is advised of a refused value is right for a name as well as for a number") {
  PlanHost one = host();
  one.file("/etc/sysctl.d/x.conf", "net.core.default_qdisc = fq # x\n");
  Fleet fleet(false);
  fleet.add(0, "0.json", audit_snapshot(one.snapshot));
  REQUIRE(fleet.summary().findings.size() == 1);
  CHECK(fleet.summary().findings[0].advice ==
        "Write the value alone: a plain number, or one name. A comment goes on a line of its own.");
}

TEST_CASE("--hosts: each host with that finding once, a line each") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", host_with("web2", "1", "30"));
  fleet.add(2, "2.json", host_with("web1\x1b", "1", "20"));
  CHECK(hosts_with_text(fleet, "drift") == "web1\\x1b\nweb2\n");
  CHECK(hosts_with_text(fleet, "recycle-on") == "");
}

TEST_CASE("csv has a row for each host and finding, and no cell that a spreadsheet takes for a formula") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "30"));
  fleet.add(1, "1.json", host_with("=cmd(\"x\")", "1", "30"));
  CHECK(
      fleet_csv(fleet).starts_with("host,severity,id,key,place,what,distribution,kernel\r\n"
                                   "\"web0\",warning,drift,\"net.ipv4.tcp_retries2\",\"\","));
  CHECK(fleet_csv(fleet).find("\r\n\"'=cmd(\"\"x\"\")\",warning,drift,") != std::string::npos);
  CHECK(audit_csv(host_with("web0", "1", "30")).find("\r\n\"web0\",warning,drift,") != std::string::npos);
}

TEST_CASE("json and csv name each host with its system and kernel, also one on which nothing was found") {
  Fleet fleet(false);
  Audit other = host_with("web1", "1", "30");
  other.host.kernel_release = "6.12.9";
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", other);
  fleet.add(2, "2.json", host_with("web2", "1", "15"));
  const auto groups = nlohmann::json::parse(fleet_json(fleet, {})).at("groups");
  REQUIRE(groups.size() == 2);
  const std::string debian = "Debian GNU/Linux 12 (bookworm)";
  CHECK(groups[0] == nlohmann::json{{"os", "linux"},
                                    {"distribution", debian},
                                    {"kernel", "6.12.9"},
                                    {"findings", {"drift net.ipv4.tcp_retries2"}},
                                    {"hosts", {"web1"}}});
  CHECK(groups[1]["hosts"] == nlohmann::json{"web0", "web2"});
  CHECK((groups[1]["findings"].empty() && groups[1]["kernel"] == "6.1.0-30-amd64"));
  const std::string csv = fleet_csv(fleet);
  CHECK(csv.find(",\"" + debian + "\",\"6.12.9\"\r\n\"web0\",,none,\"\",\"\",\"nothing found\",\"" + debian +
                 "\",\"6.1.0-30-amd64\"\r\n\"web2\",,none,") != std::string::npos);
  CHECK(audit_csv(host_with("web0", "1", "15")).find("\r\n\"web0\",,none,") != std::string::npos);
}

TEST_CASE("csv says of each host where its finding stands, whichever thread met it") {
  const auto found_at = [](std::string name, Place where) {
    Audit audit = host_with(std::move(name), "1", "30");
    audit.findings.at(0).where = std::move(where);
    return audit;
  };
  Fleet fleet(false);
  fleet.add(2, "2.json", found_at("web2", {"/etc/sysctl.conf", 3}));
  Fleet other(false);
  other.add(0, "0.json", found_at("web0", {"/etc/sysctl.d/a.conf", 1}));
  other.add(1, "1.json", found_at("web1", {"/etc/sysctl.conf", 3}));
  fleet.merge(std::move(other));
  const std::string csv = fleet_csv(fleet);
  CHECK(csv.find("\"web0\",warning,drift,\"net.ipv4.tcp_retries2\",\"/etc/sysctl.d/a.conf:1\",") != std::string::npos);
  CHECK(csv.find("\"web1\",warning,drift,\"net.ipv4.tcp_retries2\",\"/etc/sysctl.conf:3\",") != std::string::npos);
  CHECK(csv.find("\"web2\",warning,drift,\"net.ipv4.tcp_retries2\",\"/etc/sysctl.conf:3\",") != std::string::npos);
}

TEST_CASE("of groups alike in size those with the weightiest finding come first, and last those without one") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("fine", "1", "15"));
  fleet.add(1, "1.json", host_with("drifted", "1", "30"));
  fleet.add(2, "2.json", host_with("open", "0", "15"));
  std::vector<std::string> order;
  for (const AlikeHosts& group : fleet.alike()) order.push_back(group.hosts.front());
  const Findings findings = fleet.summary().findings;
  REQUIRE(findings.front().subject == "open");
  CHECK(order == std::vector<std::string>{"open", "drifted", "fine"});
}

TEST_CASE("prometheus counts a host of a fleet once for an id, whatever settings it is about there") {
  Fleet fleet(false);
  Audit twice = host_with("web0", "1", "30");
  twice.findings.push_back(make_finding(*twice.findings.at(0).row, "net.ipv4.tcp_tw_reuse", {}, "x"));
  fleet.add(0, "0.json", twice);
  fleet.add(1, "1.json", host_with("web1", "1", "30"));
  const std::string text = fleet_prometheus(fleet, {});
  CHECK(text.find("\ntwctl_audit_finding{id=\"drift\",severity=\"warning\"} 2\n") != std::string::npos);
  CHECK(text.find("\ntwctl_audit_finding{id=\"recycle-on\",severity=\"error\"} 0\n") != std::string::npos);
  CHECK(text.find("\ntwctl_audit_findings{severity=\"warning\"} 2\n") != std::string::npos);
  CHECK(text.find("# HELP twctl_audit_finding On how many hosts ") != std::string::npos);
}

TEST_CASE("what could not be read of a fleet is in every format") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add_broken(1, Error{.message = "not JSON [x]", .where = {"a b.json", 2}});
  fleet.add_broken(2, Error{.message = "cannot read 2.json: No such file or directory"}, "2.json");
  const std::string clean =
      "\"web0\",,none,\"\",\"\",\"nothing found\",\"Debian GNU/Linux 12 (bookworm)\",\"6.1.0-30-amd64\"\r\n";
  CHECK(fleet_csv(fleet) ==
        "host,severity,id,key,place,what,distribution,kernel\r\n" + clean +
            "\"a b.json\",error,unreadable,\"\",\"\",\"not JSON [x]\",\"\",\"\"\r\n"
            "\"2.json\",error,unreadable,\"\",\"\",\"cannot read 2.json: No such file or directory\",\"\",\"\"\r\n");
  const auto run = nlohmann::json::parse(fleet_sarif(fleet, {})).at("runs").at(0);
  const auto& invocation = run.at("invocations").at(0);
  CHECK(invocation.at("executionSuccessful") == false);
  REQUIRE(invocation.at("toolExecutionNotifications").size() == 2);
  CHECK(invocation.at("toolExecutionNotifications").at(0) == nlohmann::json::parse(R"json({
    "level": "error", "message": {"text": "not JSON \\[x\\]"},
    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a%20b.json"}, "region": {"startLine": 2}}}]})json"));
  CHECK(run.at("properties").at("host").is_null());
  const std::string prometheus = fleet_prometheus(fleet, {});
  CHECK(prometheus.find("\ntwctl_audit_hosts 1\n") != std::string::npos);
  CHECK(prometheus.find("\ntwctl_audit_hosts_unreadable 2\n") != std::string::npos);
  CHECK(prometheus.find("{subject=\"1 host\",host=\"\",") != std::string::npos);
  CHECK(fleet_junit(fleet, {}).find("\"twctl audit: 2.json\" tests=\"1\" failures=\"0\" errors=\"1\"") !=
        std::string::npos);
  CHECK(fleet_html(fleet, {}).find("<li>2.json: cannot read 2.json") != std::string::npos);
  CHECK(nlohmann::json::parse(fleet_json(fleet, {})).at("broken").at(1).at("file") == "2.json");
}

TEST_CASE("a fleet that could be read whole is an execution that succeeded") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  const auto run = nlohmann::json::parse(fleet_sarif(fleet, {})).at("runs").at(0);
  CHECK(run.at("invocations").at(0).at("executionSuccessful") == true);
  CHECK_FALSE(run.at("invocations").at(0).contains("toolExecutionNotifications"));
}

TEST_CASE("junit of a fleet has the version, what was left out where, and no two cases of one name") {
  Audit left_out = host_with("web1", "0", "15");
  ignore(left_out, std::vector<std::string>{"syncookies-off"});
  REQUIRE(left_out.suppressed.size() == 1);
  left_out.suppressed.push_back(left_out.suppressed.front());
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "0", "30"));
  fleet.add(1, "1.json", left_out);
  CHECK(fleet.summary().suppressed.at(0).reason == "on 1 of 2 hosts");
  const std::string junit = fleet_junit(fleet, {});
  CHECK(junit.find("<property name=\"catalogue\" value=\"" + catalogue_version() + "\"/>") != std::string::npos);
  for (const char* key : {"net.ipv4.tcp_retries2", "net.ipv4.tcp_syncookies"}) {
    CHECK(junit.find("classname=\"twctl.audit.web0\" name=\"drift " + std::string(key) + "\"") != std::string::npos);
  }
  const std::string of_second = junit.substr(junit.find("\"twctl audit: web1\""));
  CHECK(of_second.find(" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"1\"") != std::string::npos);
  CHECK(of_second.find("name=\"syncookies-off\">\n      <skipped message=\"suppressed: ") != std::string::npos);
  CHECK(of_second.find("<property name=\"suppressed\" value=\"syncookies-off: ") != std::string::npos);
  CHECK(junit.find("suppressed") > junit.find("\"twctl audit: web1\""));
}

TEST_CASE("html: a page of its own that loads nothing, with what acts in HTML escaped") {
  Fleet fleet(false);
  fleet.add(0, "0.json", host_with("web0", "1", "15"));
  fleet.add(1, "1.json", host_with("<script>alert(1)</script>", "1", "30"));
  const std::string page = fleet_html(fleet, {});
  CHECK(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(page.find("<td class=\"text\">&lt;script&gt;alert(1)&lt;/script&gt;</td>") != std::string::npos);
  CHECK(page.find("<script>alert") == std::string::npos);
  for (const char* loads : {"http://", "https://", "src=", "<link", "@import", "url("}) {
    CHECK_MESSAGE(page.find(loads) == std::string::npos, loads);
  }
  CHECK(page.find("<td class=\"text\">web0</td>") != std::string::npos);
  CHECK(page.find("<a href=\"#f1\">1</a>") != std::string::npos);
  CHECK(page.find("<tr id=\"f1\">") != std::string::npos);
  CHECK(page.find("<td class=\"number\"><a href=\"#hosts\">1</a></td>") != std::string::npos);
  CHECK(page.find("<h2 id=\"hosts\">") != std::string::npos);
  const std::string one = audit_html(host_with("web1", "1", "30"), {});
  CHECK(one.find("<h1>Audit of web1</h1>") != std::string::npos);
  CHECK(one.find("<td>drift</td><td class=\"key\">net.ipv4.tcp_retries2</td>") != std::string::npos);
}

TEST_CASE("html says what was judged in the words of the text, and once that nothing was found") {
  Audit audit = host_with("web1", "1", "15");
  audit.kernels = "kernel not known: judged for Linux 3.10.0 and for a current Linux";
  const std::string page = audit_html(audit, {});
  const std::string system = "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-30-amd64, " + audit.kernels;
  CHECK(page.find("<p>" + system + "</p>") != std::string::npos);
  CHECK(audit_text(audit, {}, {.columns = 200}, Detail::normal).find("\n" + system + "\n") != std::string::npos);
  CHECK(page.find("<p>nothing found.</p>") != std::string::npos);
  CHECK(page.find("Nothing found") == std::string::npos);
  CHECK(page.find("<h2>Findings</h2>") == std::string::npos);
  audit.of_files = true;
  audit.unjudged.push_back({"x.conf", "a template"});
  CHECK(audit_html(audit, {}).find("<p>nothing to judge.</p>") != std::string::npos);
}

TEST_CASE("html: 10,000 hosts of which no two are alike fit into 5 MB, and each is there") {
  constexpr std::size_t kHosts = 10000;
  constexpr std::size_t kOnAll = 15;
  constexpr std::size_t kOnSome = 14;  // 2^14 are more than the hosts
  constexpr std::size_t kLimit = 5'000'000;
  Fleet fleet(false);
  for (std::size_t at = 0; at < kHosts; ++at) {
    Audit audit;
    audit.host.hostname = "web" + std::to_string(at) + ".frankfurt.example.com";
    for (std::size_t row = 0; row < kOnAll + kOnSome; ++row) {
      const bool has_it = row < kOnAll || (at >> (row - kOnAll) & 1) != 0;
      if (has_it) audit.findings.push_back(make_finding(audit_findings()[row], "net.ipv4.tcp_retries2", {}, "x"));
    }
    fleet.add(at, "x.json", audit);
  }
  const std::string page = fleet_html(fleet, {});
  CHECK(page.size() < kLimit);
  CHECK(page.find(">web9999.frankfurt.example.com</td>") != std::string::npos);
  CHECK(page.find("<tr id=\"f29\">") != std::string::npos);
  CHECK(page.find("<a href=\"#f1\">") == std::string::npos);
}
