#include "report/audit_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "report/metrics.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

std::string line_of(const Finding& finding) {
  const std::string place = place_text(finding.where);
  return fmt::format("{}{}{}{}", place, place.empty() ? "" : ": ",
                     finding.key.empty() ? "" : escape(finding.key) + ": ", finding.evidence);
}

std::string reason_of(const Suppressed& one) {
  const std::string place = place_text(one.where);
  return escape(one.reason) + (place.empty() ? "" : " (" + place + ")");
}

// What stands in a test case: a failure for each finding from `warning` up, the others as its output; and why findings
// were left out.
struct TestCase {
  std::string failures;
  std::string output;
  std::string suppressed;
  [[nodiscard]] bool failed() const { return !failures.empty(); }
  [[nodiscard]] bool skipped() const { return failures.empty() && !suppressed.empty(); }
};

TestCase test_case(const Audit& audit, std::string_view id) {
  TestCase test;
  for (const Finding& finding : audit.findings) {
    if (finding.row->id != id) continue;
    if (finding.severity == Severity::info) {
      test.output += line_of(finding) + "\n";
      continue;
    }
    test.failures += fmt::format("{}: {} {}\n", name_of(finding.severity), line_of(finding), finding.advice);
  }
  for (const Suppressed& one : audit.suppressed) {
    if (one.id == id) test.suppressed += (test.suppressed.empty() ? "" : "; ") + reason_of(one);
  }
  return test;
}

// `key`: of a finding whose id several cases have.
std::string test_case_xml(const TestCase& test, std::string_view id, std::string_view subject,
                          std::string_view key = "") {
  std::string text = fmt::format("    <testcase classname=\"twctl.audit.{}\" name=\"{}{}{}\"", markup(subject), id,
                                 key.empty() ? "" : " ", markup(escape(key)));
  if (!test.failed() && !test.skipped() && test.output.empty()) return text + "/>\n";
  text += ">\n";
  if (test.skipped()) text += fmt::format("      <skipped message=\"suppressed: {}\"/>\n", markup(test.suppressed));
  if (test.failed()) {
    text += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", id,
                        markup(find_finding(id)->summary), markup(test.failures));
  }
  if (!test.output.empty()) text += fmt::format("      <system-out>{}</system-out>\n", markup(test.output));
  return text + "    </testcase>\n";
}

// What was asked for and not judged: a test that was skipped.
std::string unjudged_xml(const Unjudged& one, std::string_view subject) {
  return fmt::format(
      "    <testcase classname=\"twctl.audit.{}\" name=\"{}\">\n      <skipped message=\"not judged: {}\"/>\n"
      "    </testcase>\n",
      markup(subject), markup(escape(one.what)), markup(one.why));
}

std::string property_xml(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, markup(value));
}

std::string properties_xml(const std::vector<Suppressed>& suppressed) {
  static const std::string made_by =
      property_xml("twctl", program_version()) + property_xml("catalogue", catalogue_version());
  std::string text = "    <properties>\n" + made_by;
  for (const Suppressed& one : suppressed) text += property_xml("suppressed", one.id + ": " + reason_of(one));
  return text + "    </properties>\n";
}

struct FoundByCheck {
  std::string_view help;  // what is counted
  std::map<std::pair<std::string_view, Severity>, std::int64_t> counts = {};
};

// Every check that ran has a series, at 0 if it found nothing.
FoundByCheck nothing_found(const Audit& audit, std::string_view help) {
  FoundByCheck found{.help = help};
  for (const std::string_view id : audit.checks) found.counts[{id, find_finding(id)->severity}] = 0;
  return found;
}

FoundByCheck found_by_check(const Audit& audit) {
  FoundByCheck found = nothing_found(audit, "Findings of the last audit by id, of every check that ran.");
  for (const Finding& finding : audit.findings) ++found.counts[{finding.row->id, finding.severity}];
  return found;
}

// On how many hosts: one counts once, however many settings it is about there.
FoundByCheck hosts_by_check(const Fleet& fleet, const Audit& audit) {
  FoundByCheck found = nothing_found(audit, "On how many hosts the last audit made a finding, by id.");
  for (const FleetHost& host : fleet.each()) {
    std::set<std::pair<std::string_view, Severity>> on_it;
    for (const std::size_t at : host.findings) on_it.insert({audit.findings[at].row->id, audit.findings[at].severity});
    for (const auto& one : on_it) ++found.counts[one];
  }
  return found;
}

// Two series must not have the same labels.
std::map<std::pair<std::string, std::string>, int> left_out(const Audit& audit) {
  std::map<std::pair<std::string, std::string>, int> times;
  for (const Suppressed& one : audit.suppressed) ++times[{one.id, one.reason}];
  return times;
}

std::string suite_xml(std::string_view name, std::string_view counts, const ReportStamp& stamp,
                      std::string_view cases) {
  return fmt::format(
      "  <testsuite name=\"twctl audit: {0}\" {1} timestamp=\"{2}\" hostname=\"{0}\">\n{3}  </testsuite>\n",
      markup(name), counts, utc_text(stamp.time).substr(0, 19), cases);
}

std::string host_suite(const FleetHost& host, const Findings& findings, const ReportStamp& stamp) {
  const std::string name = escape(host.name);
  std::string cases;
  std::size_t failed = 0;
  std::map<std::string_view, std::string> skipped;  // what was left out, and why
  for (const Suppressed& one : host.suppressed)
    skipped[one.id] += (skipped[one.id].empty() ? "" : "; ") + reason_of(one);
  for (const std::size_t at : host.findings) {
    skipped.erase(findings[at].row->id);
    const Finding& finding = findings[at];
    TestCase test;
    const std::string key = finding.key.empty() ? "" : escape(finding.key) + ": ";
    const std::string said = fmt::format("{}{}", key, finding.row->summary);
    const bool alarm = finding.severity != Severity::info;
    (alarm ? test.failures : test.output) =
        alarm ? fmt::format("{}: {}. {}\n", name_of(finding.severity), said, finding.advice) : said + "\n";
    failed += alarm ? 1 : 0;
    cases += test_case_xml(test, finding.row->id, name, finding.key);
  }
  for (const auto& [id, reasons] : skipped) cases += test_case_xml({{}, {}, reasons}, id, name);
  if (cases.empty()) cases = test_case_xml({}, "audit", name);
  return suite_xml(name,
                   fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
                               std::max<std::size_t>(1, host.findings.size() + skipped.size()), failed, skipped.size()),
                   stamp, properties_xml(host.suppressed) + cases);
}

// A spreadsheet takes what begins with one of these for a formula.
std::string cell(std::string_view text) {
  std::string result = "\"";
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) result += '\'';
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

constexpr std::string_view kColumns = "host,severity,id,key,place,what,distribution,kernel\r\n";

std::string csv_row(std::string_view host, const System& system, const Finding& finding, const Place& where,
                    std::string_view what) {
  return fmt::format("{},{},{},{},{},{},{},{}\r\n", cell(escape(host)), name_of(finding.severity), finding.row->id,
                     cell(escape(finding.key)), cell(place_text(where)), cell(what), cell(escape(system.distribution)),
                     cell(escape(system.kernel)));
}

// A host that is left out would look as if nobody had audited it.
std::string clean_row(std::string_view host, const System& system) {
  return fmt::format("{},,none,\"\",\"\",\"nothing found\",{},{}\r\n", cell(escape(host)),
                     cell(escape(system.distribution)), cell(escape(system.kernel)));
}

// A snapshot that could not be read: what it would have shown is not known.
std::string broken_suite(const BrokenInput& broken, const ReportStamp& stamp) {
  const std::string name = escape(broken.file);
  const std::string cases = fmt::format(
      "    <testcase classname=\"twctl.audit.{0}\" name=\"snapshot\">\n      <error message=\"{1}\"/>\n    "
      "</testcase>\n",
      markup(name), markup(broken.error.message));
  return suite_xml(name, "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"", stamp, cases);
}

// A spreadsheet that has none of it would say too much of the fleet.
std::string broken_row(const BrokenInput& broken) {
  return fmt::format("{},error,unreadable,\"\",\"\",{},\"\",\"\"\r\n", cell(escape(broken.file)),
                     cell(broken.error.message));
}

// `host`: its name, "" for several.
void add_audit(Metrics& metrics, const Audit& audit, const FoundByCheck& found, std::string_view host,
               const ReportStamp& stamp) {
  const FindingCounts counts = count(audit.findings);
  metrics.gauge("twctl_audit_findings", "Findings of the last audit by severity, each once.");
  metrics.sample({{"severity", "error"}}, counts.errors);
  metrics.sample({{"severity", "warning"}}, counts.warnings);
  metrics.sample({{"severity", "info"}}, counts.infos);
  metrics.gauge("twctl_audit_finding", found.help);
  for (const auto& [what, number] : found.counts) {
    metrics.sample({{"id", what.first}, {"severity", name_of(what.second)}}, number);
  }
  metrics.gauge("twctl_audit_suppressed", "How often findings of a check were left out on demand, and why.");
  for (const auto& [what, times] : left_out(audit)) {
    metrics.sample({{"id", what.first}, {"reason", escape(what.second)}}, times);
  }
  metrics.gauge("twctl_audit_timestamp_seconds", "When the audit ran, in seconds since 1970.", stamp.time);
  metrics.gauge("twctl_audit_info", "What made this, and of what.");
  metrics.sample({{"subject", subject_text(audit)},
                  {"host", escape(host)},
                  {"version", program_version()},
                  {"catalogue", catalogue_version()}},
                 1);
}

}  // namespace

std::string markup(std::string_view printable) {
  std::string result;
  for (const char c : printable) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&apos;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string audit_junit(const Audit& audit, const ReportStamp& stamp) {
  const std::string subject = subject_text(audit);
  std::string cases;
  int failed = 0;
  int skipped = 0;
  for (const std::string_view id : audit.checks) {
    const TestCase test = test_case(audit, id);
    failed += test.failed() ? 1 : 0;
    skipped += test.skipped() ? 1 : 0;
    cases += test_case_xml(test, id, subject);
  }
  for (const Unjudged& one : audit.unjudged) cases += unjudged_xml(one, subject);
  const std::size_t unjudged = audit.unjudged.size();
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
                                         audit.checks.size() + unjudged, failed, skipped + static_cast<int>(unjudged));
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite name=\"twctl audit: {}\" {} timestamp=\"{}\" hostname=\"{}\">\n"
      "{}{}  </testsuite>\n</testsuites>\n",
      markup(subject), counts, utc_text(stamp.time).substr(0, 19), markup(escape(audit.host.hostname)),
      properties_xml(audit.suppressed), cases);
}

// A suite a host, with a test for each thing that was found there; one that passes where nothing was.
std::string fleet_junit(const Fleet& fleet, const ReportStamp& stamp) {
  const Audit audit = fleet.summary();
  constexpr std::string_view kBegin = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  constexpr std::string_view kEnd = "</testsuites>\n";
  const std::vector<FleetHost> hosts = fleet.each();
  std::string broken;
  for (const BrokenInput& one : fleet.broken()) broken += broken_suite(one, stamp);
  std::size_t size = kBegin.size() + broken.size() + kEnd.size();
  for (const FleetHost& host : hosts) size += host_suite(host, audit.findings, stamp).size();
  std::string text;
  text.reserve(size);  // of ten thousand hosts it is long, and would be moved again and again
  text += kBegin;
  for (const FleetHost& host : hosts) text += host_suite(host, audit.findings, stamp);
  text.append(broken).append(kEnd);
  return text;
}

std::string audit_csv(const Audit& audit) {
  std::string text(kColumns);
  System system = system_of(audit.host);
  if (audit.of_files) system.distribution.clear();  // it is that of the host where they are judged
  for (const Finding& finding : audit.findings)
    text += csv_row(audit.host.hostname, system, finding, finding.where, finding.evidence);
  if (audit.findings.empty() && !audit.of_files) text += clean_row(audit.host.hostname, system);
  return text;
}

std::string fleet_csv(const Fleet& fleet) {
  std::string text(kColumns);
  const Findings findings = fleet.summary(false).findings;
  const std::vector<FleetHost> hosts = fleet.each();
  std::vector<std::vector<const FleetHost*>> found_on(findings.size());  // in the order of places()
  for (const FleetHost& host : hosts) {
    for (const std::size_t at : host.findings) found_on[at].push_back(&host);
  }
  const std::vector<std::vector<const Place*>> places = fleet.places();
  for (std::size_t at = 0; at < findings.size(); ++at) {
    for (std::size_t one = 0; one < places[at].size(); ++one) {
      const FleetHost& host = *found_on[at][one];
      text += csv_row(host.name, *host.system, findings[at], *places[at][one], findings[at].row->summary);
    }
  }
  for (const FleetHost& host : hosts) {
    if (host.findings.empty()) text += clean_row(host.name, *host.system);
  }
  for (const BrokenInput& broken : fleet.broken()) text += broken_row(broken);
  return text;
}

std::string audit_prometheus(const Audit& audit, const ReportStamp& stamp) {
  Metrics metrics;
  add_audit(metrics, audit, found_by_check(audit), audit.host.hostname, stamp);
  return std::move(metrics).text();
}

std::string fleet_prometheus(const Fleet& fleet, const ReportStamp& stamp) {
  Metrics metrics;
  metrics.gauge("twctl_audit_hosts", "Hosts that were audited.", fleet.hosts());
  metrics.gauge("twctl_audit_hosts_unreadable", "Snapshots and trees that could not be read or judged.",
                fleet.broken().size());
  const Audit audit = fleet.summary(false);
  add_audit(metrics, audit, hosts_by_check(fleet, audit), "", stamp);
  return std::move(metrics).text();
}

}  // namespace twctl
