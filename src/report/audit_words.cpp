#include "report/audit_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/finding.hpp"
#include "report/layout.hpp"
#include "report/plan_words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

std::string kernel_text(const Audit& audit) {
  const bool on_windows = audit.host.os == Os::windows;
  const std::string kernel = audit.host.kernel_release.empty() ? to_text(audit.host.kernel) : audit.host.kernel_release;
  if (kernel.empty() || (is_about_windows(audit) && !on_windows)) return "";
  return (audit.of_files ? "judged for " : "") + std::string(on_windows ? "Windows " : "Linux ") + escape(kernel);
}

}  // namespace

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
  const std::uint32_t sum = checksum_of_settings(Os::linux_kernel) ^ checksum_of_settings(Os::windows) ^
                            checksum_of_audit() ^ checksum_of_doctor();
  return fmt::format("{}+{:08x}", program_version(), sum);
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

std::string found_text(const Audit& audit) {
  const bool nothing = audit.findings.empty() && audit.of_files && audit.settings.empty() && !audit.unjudged.empty();
  return nothing ? "nothing to judge" : counts_text(count(audit.findings));
}

bool is_about_windows(const Audit& audit) {
  const auto windows = [](const AuditedLine& line) { return line.setting->os == Os::windows; };
  return audit.of_files && !audit.settings.empty() &&
         std::all_of(audit.settings.begin(), audit.settings.end(), windows);
}

std::string system_text(const Audit& audit) {
  std::vector<std::string> facts;
  if (!audit.of_files && !audit.host.distribution.empty()) facts.push_back(escape(audit.host.distribution));
  if (const std::string kernel = kernel_text(audit); !kernel.empty()) facts.push_back(kernel);
  const bool is_registry = is_about_windows(audit);
  if (!audit.host.initial_network_namespace && !is_registry) facts.emplace_back("in a network namespace of its own");
  if (!audit.kernels.empty() && !is_registry) facts.push_back(audit.kernels);
  return join(facts, ", ");
}

std::string subject_text(const Audit& audit) {
  if (!audit.of_files) return name_of_host(audit.host.hostname, audit.tree);
  std::vector<std::string> names;
  for (const std::string& file : audit.files) names.push_back(escape(file));
  return names.size() > 4 ? counted(names.size(), "file") : join(names, ", ");
}

}  // namespace twctl
