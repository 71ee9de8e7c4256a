#include "report/audit_words.hpp"

#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "base/crc32.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/finding.hpp"
#include "report/layout.hpp"
#include "report/version.hpp"

namespace twctl {

std::string utc_text(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string catalogue_version() {
  std::string text;
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& row : settings(os)) {
      text += fmt::format("{} {} {} {};", row.key, row.accepted.min, row.accepted.max, row.does);
    }
  }
  for (const auto rows : {doctor_findings(), audit_findings()}) {
    for (const FindingRow& row : rows) {
      text += fmt::format("{} {} {} {} {};", row.id, name_of(row.severity), row.summary, row.meaning, row.advice);
    }
  }
  return fmt::format("{}+{:08x}", program_version(), crc32(text));
}

std::string stamp_text(const ReportStamp& stamp) {
  return fmt::format("twctl {}, catalogue {}, {}", program_version(), catalogue_version(), utc_text(stamp.time));
}

FindingCounts count(const Findings& findings) {
  FindingCounts counts;
  for (const Finding& finding : findings) {
    std::size_t& one = finding.severity == Severity::error     ? counts.errors
                       : finding.severity == Severity::warning ? counts.warnings
                                                               : counts.infos;
    ++one;
  }
  return counts;
}

std::string counts_text(const FindingCounts& counts) {
  std::vector<std::string> parts;
  if (counts.errors > 0) parts.push_back(counted(counts.errors, "error"));
  if (counts.warnings > 0) parts.push_back(counted(counts.warnings, "warning"));
  if (counts.infos > 0) parts.push_back(fmt::format("{} info", counts.infos));
  return parts.empty() ? "nothing found" : join(parts, ", ");
}

std::string subject_text(const Audit& audit) {
  if (!audit.of_files) {
    const std::string name = escape(audit.host.hostname);
    if (audit.tree.empty()) return name.empty() ? "this host" : name;
    return fmt::format("{}the tree {}", name.empty() ? "" : name + ", ", escape(audit.tree));
  }
  std::vector<std::string> names;
  for (const std::string& file : audit.files) names.push_back(escape(file));
  return names.size() > 4 ? counted(names.size(), "file") : join(names, ", ");
}

}  // namespace twctl
