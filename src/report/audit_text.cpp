#include "report/audit_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "diagnose/in_namespace.hpp"
#include "report/error_text.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLabelColumns = 11;

// Registry files by themselves: no kernel of Linux has a say in them.
bool is_about_windows(const Audit& audit) {
  const auto windows = [](const AuditedLine& line) { return line.setting->os == Os::windows; };
  return audit.of_files && !audit.settings.empty() &&
         std::all_of(audit.settings.begin(), audit.settings.end(), windows);
}

std::string kernel_text(const Audit& audit) {
  const bool on_windows = audit.host.os == Os::windows;
  const std::string kernel = audit.host.kernel_release.empty() ? to_text(audit.host.kernel) : audit.host.kernel_release;
  if (kernel.empty() || (is_about_windows(audit) && !on_windows)) return "";
  return (audit.of_files ? "judged for " : "") + std::string(on_windows ? "Windows " : "Linux ") + escape(kernel);
}

std::string header_text(const Audit& audit, const ReportStamp& stamp, const Screen& screen) {
  std::vector<std::string> facts;
  if (!audit.of_files && !audit.host.distribution.empty()) facts.push_back(escape(audit.host.distribution));
  if (const std::string kernel = kernel_text(audit); !kernel.empty()) facts.push_back(kernel);
  const bool is_registry = is_about_windows(audit);
  if (!audit.host.initial_network_namespace && !is_registry) facts.emplace_back("in a network namespace of its own");
  return inked(screen, Ink::strong, "Audit of " + subject_text(audit)) + "\n" +
         wrapped(join(facts, ", "), screen.columns) + wrapped(stamp_text(stamp), screen.columns);
}

std::string title(const Finding& finding, const Screen& screen) {
  const Ink ink = finding.severity == Severity::error ? Ink::danger : Ink::strong;
  const bool plain = finding.severity == Severity::info;
  std::string text = padded(name_of(finding.severity), 8) + std::string(finding.row->id);
  text = inked(screen, plain ? Ink::plain : ink, text);
  if (!finding.key.empty()) text += "  " + escape(finding.key);
  if (const std::string place = place_text(finding.where); !place.empty()) text += "  " + place;
  return text + "\n";
}

std::string labelled_line(std::string_view label, std::string_view text, const Screen& screen) {
  return wrapped(text, screen.columns, padded(fmt::format("    {}", label), 4 + kLabelColumns));
}

std::string finding_text(const Finding& finding, const Screen& screen, Detail detail) {
  std::string text = title(finding, screen) + wrapped(finding.evidence, screen.columns, "    ");
  text += labelled_line("means", detail == Detail::verbose ? finding.row->meaning : finding.row->summary, screen);
  text += labelled_line("advice", finding.advice, screen);
  return text + labelled_line("source", finding.source, screen);
}

Findings by_weight(const Audit& audit) {
  Findings findings = audit.findings;
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return findings;
}

std::string fleet_row(const Finding& finding, const Screen& screen) {
  const Ink ink = finding.severity == Severity::error     ? Ink::danger
                  : finding.severity == Severity::warning ? Ink::strong
                                                          : Ink::plain;
  const std::string id = inked(screen, ink, padded(name_of(finding.severity), 9) + padded(finding.row->id, 23));
  return fmt::format("{} {}  {}\n", id, padded(finding.key.empty() ? "-" : escape(finding.key), 36), finding.evidence);
}

std::string hosts_text(const Fleet& fleet) {
  std::string text = "\n";
  for (const HostLine& line : fleet.lines()) {
    text +=
        fmt::format("{}: {}\n", escape(line.host), line.findings.empty() ? "nothing found" : join(line.findings, ", "));
  }
  return text;
}

std::string line_text(const AuditedLine& line) {
  const std::string value = line.effective ? escape(*line.effective) : "not applied";
  std::string text = fmt::format("  {}: {} = {} -> {}", place_text(line.where), line.setting->key, escape(line.raw),
                                 value.empty() ? "(empty)" : value);
  if (line.systemd_differs) {
    text +=
        fmt::format("; systemd-sysctl: {}", line.effective_systemd ? escape(*line.effective_systemd) : "not applied");
  }
  if (line.overridden_by) text += fmt::format("; overridden by {}", place_text(*line.overridden_by));
  if (!line.note.empty()) text += fmt::format(" ({})", line.note);
  return text + "\n";
}

std::string settings_text(const Audit& audit) {
  std::string text;
  for (const AuditedLine& line : audit.settings) text += line_text(line);
  return text.empty()
             ? ""
             : fmt::format("\nWhat {} makes of each line:\n", is_about_windows(audit) ? "Windows" : "the kernel") +
                   text;
}

std::string checks_text(const Audit& audit, const Screen& screen) {
  std::vector<std::string> ids(audit.checks.begin(), audit.checks.end());
  return "\n" + wrapped(join(ids, ", "), screen.columns, "Looked for: ");
}

std::string suppressed_text(const Audit& audit, const Screen& screen) {
  std::string text;
  for (const Suppressed& one : audit.suppressed) {
    const std::string place = place_text(one.where);
    text += wrapped(fmt::format("{}: {}{}", one.id, escape(one.reason), place.empty() ? "" : " (" + place + ")"),
                    screen.columns, "suppressed: ");
  }
  return text;
}

std::string summary_text(const Audit& audit, Detail detail, const Screen& screen) {
  return wrapped(
      fmt::format("{}; {} looked for{}.", counts_text(count(audit.findings)), counted(audit.checks.size(), "mistake"),
                  detail == Detail::verbose ? "" : " (-v lists them)"),
      screen.columns);
}

}  // namespace

std::string fleet_text(const Fleet& fleet, const ReportStamp& stamp, const Screen& screen, Detail detail) {
  const Audit audit = fleet.summary();
  std::string text;
  if (detail != Detail::quiet) {
    text = inked(screen, Ink::strong, "Audit of " + counted(fleet.hosts(), "host")) + "\n";
    text += wrapped(stamp_text(stamp), screen.columns);
    if (!fleet.broken().empty()) text += counted(fleet.broken().size(), "snapshot") + " could not be read.\n";
    text += "\n";
  }
  for (const Finding& finding : audit.findings) text += fleet_row(finding, screen);
  if (detail == Detail::verbose) text += hosts_text(fleet);
  if (detail == Detail::quiet) return text;
  text += audit.findings.empty() ? "" : "\n";
  text += suppressed_text(audit, screen) + summary_text(audit, detail, screen);
  return detail == Detail::verbose ? text + checks_text(audit, screen) : text;
}

std::string audit_text(const Audit& audit, const ReportStamp& stamp, const Screen& screen, Detail detail) {
  std::string text = detail == Detail::quiet ? "" : header_text(audit, stamp, screen) + "\n";
  for (const Finding& finding : by_weight(audit)) {
    text += detail == Detail::quiet ? title(finding, screen) : finding_text(finding, screen, detail);
  }
  if (detail == Detail::quiet) return text;
  if (!audit.findings.empty()) text += "\n";
  text += suppressed_text(audit, screen) + summary_text(audit, detail, screen);
  text += wrapped(others_text(audit.other_namespaces, "audited", "twctl audit --netns PID"), screen.columns, "note: ");
  if (detail == Detail::verbose) text += settings_text(audit) + checks_text(audit, screen);
  if (!audit.findings.empty()) {
    text += fmt::format("`twctl explain {}` says more.\n", by_weight(audit).front().row->id);
  }
  return text;
}

}  // namespace twctl
