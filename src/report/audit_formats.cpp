#include "report/audit_formats.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/escape.hpp"
#include "report/error_text.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

// Texts are printable already; these five act in XML.
std::string xml(std::string_view text) {
  std::string result;
  for (const char c : text) {
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

std::string line_of(const Finding& finding) {
  const std::string place = place_text(finding.where);
  return fmt::format("{}{}{}{}", place, place.empty() ? "" : ": ",
                     finding.key.empty() ? "" : escape(finding.key) + ": ", finding.evidence);
}

// What stands in a test case: a failure for each finding from `warning` up, the others as its output.
struct TestCase {
  std::string failures;
  std::string output;
  int failed = 0;
};

TestCase test_case(const Audit& audit, std::string_view id) {
  TestCase test;
  for (const Finding& finding : audit.findings) {
    if (finding.row->id != id) continue;
    if (finding.severity == Severity::info) {
      test.output += line_of(finding) + "\n";
      continue;
    }
    test.failed = 1;
    test.failures += fmt::format("{}: {} {}\n", name_of(finding.severity), line_of(finding), finding.advice);
  }
  return test;
}

std::string test_case_xml(const TestCase& test, std::string_view id, std::string_view subject) {
  std::string text = fmt::format("    <testcase classname=\"twctl.audit.{}\" name=\"{}\"", xml(subject), id);
  if (test.failures.empty() && test.output.empty()) return text + "/>\n";
  text += ">\n";
  if (!test.failures.empty()) {
    text += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", id, xml(find_finding(id)->summary),
                        xml(test.failures));
  }
  if (!test.output.empty()) text += fmt::format("      <system-out>{}</system-out>\n", xml(test.output));
  return text + "    </testcase>\n";
}

std::string label(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

std::string audit_junit(const Audit& audit, const ReportStamp& stamp) {
  const std::string subject = subject_text(audit);
  std::string cases;
  int failed = 0;
  for (const std::string_view id : audit.checks) {
    const TestCase test = test_case(audit, id);
    failed += test.failed;
    cases += test_case_xml(test, id, subject);
  }
  const std::string time = utc_text(stamp.time).substr(0, 19);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite name=\"twctl audit: {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" timestamp=\"{}\">\n"
      "    <properties>\n      <property name=\"twctl\" value=\"{}\"/>\n"
      "      <property name=\"catalogue\" value=\"{}\"/>\n    </properties>\n{}  </testsuite>\n</testsuites>\n",
      xml(subject), audit.checks.size(), failed, time, program_version(), catalogue_version(), cases);
}

std::string audit_prometheus(const Audit& audit, const ReportStamp& stamp) {
  std::map<std::pair<std::string_view, Severity>, std::int64_t> counted;
  for (const Finding& finding : audit.findings) {
    // Of a fleet: on how many hosts.
    counted[{finding.row->id, finding.severity}] += finding.figures.empty() ? 1 : finding.figures.front().value;
  }
  const FindingCounts counts = count(audit.findings);
  std::string text =
      "# HELP twctl_audit_findings Findings of the last audit by severity.\n# TYPE twctl_audit_findings gauge\n";
  text += fmt::format("twctl_audit_findings{{severity=\"error\"}} {}\n", counts.errors);
  text += fmt::format("twctl_audit_findings{{severity=\"warning\"}} {}\n", counts.warnings);
  text += fmt::format("twctl_audit_findings{{severity=\"info\"}} {}\n", counts.infos);
  text += "# HELP twctl_audit_finding Findings of the last audit by id.\n# TYPE twctl_audit_finding gauge\n";
  for (const auto& [what, number] : counted) {
    text +=
        fmt::format("twctl_audit_finding{{id=\"{}\",severity=\"{}\"}} {}\n", what.first, name_of(what.second), number);
  }
  text +=
      "# HELP twctl_audit_time_seconds When the audit ran, in seconds since 1970.\n"
      "# TYPE twctl_audit_time_seconds gauge\n";
  text += fmt::format("twctl_audit_time_seconds {}\n", stamp.time);
  text += "# HELP twctl_audit_info What made this.\n# TYPE twctl_audit_info gauge\n";
  return text + fmt::format("twctl_audit_info{{subject=\"{}\",version=\"{}\",catalogue=\"{}\"}} 1\n",
                            label(subject_text(audit)), program_version(), catalogue_version());
}

}  // namespace twctl
