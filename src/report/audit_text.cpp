#include "report/audit_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "audit/gather.hpp"
#include "base/cells.hpp"
#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "diagnose/in_namespace.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLabelColumns = 11;

std::string header_text(const Audit& audit, const ReportStamp& stamp, const Screen& screen) {
  return inked(screen, Ink::strong, "Audit of " + subject_text(audit)) + "\n" +
         wrapped(system_text(audit), screen.columns) + wrapped(stamp_text(stamp), screen.columns);
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

// Up to the end of its first sentence: a full stop before a blank and a capital letter or a digit.
std::string_view first_sentence(std::string_view text) {
  for (std::size_t at = text.find(". "); at != std::string_view::npos; at = text.find(". ", at + 1)) {
    const char next = at + 2 < text.size() ? text[at + 2] : ' ';
    if ((next >= 'A' && next <= 'Z') || (next >= '0' && next <= '9')) return text.substr(0, at + 1);
  }
  return text;
}

std::string why_of(const Finding& finding, Detail detail) {
  const std::string_view meaning = meaning_of(finding);
  return std::string(detail == Detail::verbose ? meaning : first_sentence(meaning));
}

// "x.conf:6  net.core.somaxconn: ...", one of many.
std::string again_text(const Finding& finding, const Screen& screen) {
  const std::string place = place_text(finding.where);
  const bool names_key = finding.key.empty() || finding.evidence.find(finding.key) != std::string::npos;
  return wrapped(fmt::format("{}{}{}{}", place, place.empty() ? "" : "  ", names_key ? "" : escape(finding.key) + ": ",
                             finding.evidence),
                 screen.columns, "    ");
}

std::string occurrences_text(const Gathered& group, const Screen& screen, Detail detail) {
  constexpr std::size_t kMostShown = 6;
  std::string text = again_text(*group.finding, screen);
  const std::size_t shown =
      detail == Detail::verbose ? group.again.size() : std::min(group.again.size(), kMostShown - 1);
  for (std::size_t at = 0; at < shown; ++at) text += again_text(*group.again[at], screen);
  if (shown < group.again.size()) text += fmt::format("    and {} more (-v)\n", group.again.size() - shown);
  return text;
}

std::string many_title(const Gathered& group, const Screen& screen) {
  const Finding& finding = *group.finding;
  const Ink ink = finding.severity == Severity::error ? Ink::danger : Ink::strong;
  const bool plain = finding.severity == Severity::info;
  const std::string text = padded(name_of(finding.severity), 8) + std::string(finding.row->id);
  return inked(screen, plain ? Ink::plain : ink, text) + fmt::format("  {} times\n", group.again.size() + 1);
}

// What it is, why it matters in one sentence, and what to do; -v says all that is known of it.
std::string group_text(const Gathered& group, const Screen& screen, Detail detail, bool said_why) {
  const Finding& finding = *group.finding;
  const std::string why = said_why ? "" : why_of(finding, detail);
  std::string text;
  if (group.again.empty()) {
    text = title(finding, screen) + wrapped(finding.evidence + " " + why, screen.columns, "    ");
  } else {
    text = many_title(group, screen) + occurrences_text(group, screen, detail) + wrapped(why, screen.columns, "    ");
  }
  for (const Finding* one : group.consequences) {
    text += wrapped(one->evidence, screen.columns, fmt::format("    so {}  ", one->row->id));
  }
  const bool is_alarm = finding.severity >= Severity::warning;
  if (is_alarm || detail == Detail::verbose) text += labelled_line("advice", finding.advice, screen);
  return detail == Detail::verbose ? text + labelled_line("source", finding.source, screen) : text;
}

// One command for all of them.
std::string plan_of(const Audit& audit, Value LiveDrift::*value) {
  std::string command = "twctl plan";
  for (const LiveDrift& drift : audit.drifts) {
    command += " --set " + shell_word(fmt::format("{}={}", drift.setting->key, drift.*value));
  }
  return fmt::format("      {}{}\n", command, *audit.place);
}

std::string drift_commands(const Audit& audit) {
  if (audit.drifts.empty() || !audit.place) return "";
  return "    For the values that are live:\n" + plan_of(audit, &LiveDrift::live) +
         "    For those of the next boot:\n" + plan_of(audit, &LiveDrift::boot);
}

std::string groups_text(const Audit& audit, const std::vector<Gathered>& groups, const Screen& screen, Detail detail) {
  std::string text;
  std::set<std::string_view> told;  // another group of one row may differ in its advice or severity alone
  for (const Gathered& group : groups) {
    text += group_text(group, screen, detail, !told.insert(meaning_of(*group.finding)).second);
    if (group.finding->row->id == "drift") text += drift_commands(audit);
  }
  return text;
}

// As they are shown, weightiest first: why a key was removed stands in the first that is about it, and not again.
Findings told_once(Findings findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  std::set<std::string> told;
  for (Finding& finding : findings) {
    const Setting* setting = find_setting(Os::linux_kernel, finding.key);
    const std::string_view why = setting == nullptr ? std::string_view() : setting->removed_why;
    if (why.empty() || !finding.evidence.ends_with(why) || told.insert(finding.key).second) continue;
    finding.evidence = trim(std::string_view(finding.evidence).substr(0, finding.evidence.size() - why.size()));
  }
  return findings;
}

// One line a finding, for scripts.
std::string titles_text(Findings findings, const Screen& screen) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  std::string text;
  for (const Finding& finding : findings) text += title(finding, screen);
  return text;
}

struct FleetWidths {
  std::size_t id = 0;
  std::size_t key = 0;
};

std::string key_text(const Finding& finding) { return finding.key.empty() ? "-" : escape(finding.key); }

FleetWidths fleet_widths(const std::vector<Finding>& findings) {
  FleetWidths widths;
  for (const Finding& finding : findings) {
    widths.id = std::max(widths.id, cells_of(finding.row->id));
    widths.key = std::max(widths.key, cells_of(key_text(finding)));
  }
  return widths;
}

// One line a finding, two where the screen has no room for it.
std::string fleet_row(const Finding& finding, const FleetWidths& widths, const Screen& screen) {
  constexpr std::size_t kSeverity = 9;
  const Ink ink = finding.severity == Severity::error     ? Ink::danger
                  : finding.severity == Severity::warning ? Ink::strong
                                                          : Ink::plain;
  const std::string id = padded(name_of(finding.severity), kSeverity) + padded(finding.row->id, widths.id);
  const std::size_t whole = cells_of(id) + 2 + widths.key + 2 + cells_of(finding.evidence);
  const std::string key = key_text(finding);
  if (whole <= screen.columns) {
    return fmt::format("{}  {}  {}\n", inked(screen, ink, id), padded(key, widths.key), finding.evidence);
  }
  return fmt::format("{}  {}\n", inked(screen, ink, id), key) +
         wrapped(finding.evidence, screen.columns, padded("", kSeverity));
}

std::string hosts_of(const Finding& finding, const Screen& screen) {
  std::vector<std::string> names;
  for (const std::string& name : finding.hosts) names.push_back(escape(name));
  return wrapped(join(names, ", "), screen.columns, padded("", 9) + "on ");
}

std::string hosts_text(const Fleet& fleet) {
  std::string text = "\n";
  for (const HostLine& line : fleet.lines()) {
    text +=
        fmt::format("{}: {}\n", escape(line.host), line.findings.empty() ? "nothing found" : join(line.findings, ", "));
  }
  return text;
}

// "  1 host   Debian ..., Linux 6.1: drift net.ipv4.tcp_fin_timeout; ...", and which hosts those are.
std::string alike_text(const AlikeHosts& group, const Findings& findings, const Screen& screen) {
  std::vector<std::string> found;
  for (const std::size_t at : group.findings) {
    const Finding& finding = findings[at];
    found.push_back(std::string(finding.row->id) + (finding.key.empty() ? "" : " " + escape(finding.key)));
  }
  std::vector<std::string> names;
  constexpr std::size_t kMostNamed = 6;
  for (std::size_t at = 0; at < std::min(group.hosts.size(), kMostNamed); ++at)
    names.push_back(escape(group.hosts[at]));
  if (group.hosts.size() > kMostNamed) names.push_back(fmt::format("and {} more", group.hosts.size() - kMostNamed));
  return inked(screen, Ink::strong, counted(group.hosts.size(), "host")) + "  " + escape(to_text(group.system)) + "\n" +
         wrapped(found.empty() ? "nothing found" : join(found, "; "), screen.columns, "    ") +
         wrapped(join(names, ", "), screen.columns, "    on ");
}

// The outliers first.
std::string groups_of_hosts_text(const Fleet& fleet, const Findings& findings, const Screen& screen, Detail detail) {
  constexpr std::size_t kMostGroups = 5;
  const std::vector<AlikeHosts> groups = fleet.alike();
  if (groups.size() < 2) return "";
  std::string text = "\nHosts that are alike:\n";
  const std::size_t shown = detail == Detail::verbose ? groups.size() : std::min(groups.size(), kMostGroups);
  for (std::size_t at = 0; at < shown; ++at) text += alike_text(groups[at], findings, screen);
  if (shown < groups.size()) text += fmt::format("and {} other groups (-v)\n", groups.size() - shown);
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

// Of the lines that the list above leaves out: keys of the kernel's that are no settings of twctl's.
std::string other_keys_text(const Audit& audit, const Screen& screen) {
  const std::set<std::string> keys(audit.other_keys.begin(), audit.other_keys.end());
  std::vector<std::string> names;
  for (const std::string& key : keys) names.push_back(escape(key));
  return wrapped(join(names, ", "), screen.columns, "Not judged, as no settings of twctl's: ");
}

std::string others_here(const Audit& audit) {
  const std::string text = others_text(audit.other_namespaces, "audited", "twctl states --all-netns");
  return text.empty() ? "" : text + " It names a process of each, and `twctl audit --netns` takes its number.";
}

// An audit that has found nothing says nothing of ports and sockets.
std::string doctor_hint(const Audit& audit, const Screen& screen) {
  if (!audit.findings.empty() || !audit.place || !audit.has_sockets) return "";
  return wrapped(fmt::format("Sockets are not looked at: twctl doctor{}", *audit.place), screen.columns);
}

// Each setting once: of most what it is copied for is not what it does.
std::string denials_text(const Audit& audit, const Screen& screen) {
  std::string text;
  std::set<std::string_view> said;
  for (const AuditedLine& line : audit.settings) {
    const Setting& setting = *line.setting;
    const bool tells = setting.os == Os::linux_kernel && !setting.does_not.empty();
    if (!tells || !said.insert(setting.key).second) continue;
    text += wrapped(setting.does_not, screen.columns, fmt::format("  {}: ", setting.key));
  }
  return text.empty() || !audit.of_files ? "" : "\nWhat they do not do:\n" + text;
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

std::string unjudged_text(const Audit& audit, const Screen& screen) {
  std::string text;
  for (const Unjudged& one : audit.unjudged) {
    text += wrapped(fmt::format("{}: {}", escape(one.what), one.why), screen.columns, "not judged: ");
  }
  return text;
}

std::string summary_text(const Audit& audit, Detail detail, const Screen& screen) {
  return wrapped(fmt::format("{}; {}{}.", found_text(audit), counted(audit.checks.size(), "check"),
                             detail == Detail::verbose ? "" : " (-v lists them)"),
                 screen.columns);
}

}  // namespace

std::string fleet_text(const Fleet& fleet, const ReportStamp& stamp, const Screen& screen, Detail detail) {
  const Audit audit = fleet.summary(detail == Detail::verbose);
  std::string text;
  if (detail != Detail::quiet) {
    text = inked(screen, Ink::strong, "Audit of " + counted(fleet.hosts(), "host")) + "\n";
    text += wrapped(stamp_text(stamp), screen.columns);
    if (!fleet.broken().empty()) text += counted(fleet.broken().size(), "snapshot") + " could not be read.\n";
    text += "\n";
  }
  const FleetWidths widths = fleet_widths(audit.findings);
  for (const Finding& finding : audit.findings) {
    text += fleet_row(finding, widths, screen);
    if (detail == Detail::verbose) text += hosts_of(finding, screen);
  }
  if (detail == Detail::verbose) text += hosts_text(fleet);
  if (detail == Detail::quiet) return text;
  text += groups_of_hosts_text(fleet, audit.findings, screen, detail);
  text += audit.findings.empty() ? "" : "\n";
  text += suppressed_text(audit, screen) + summary_text(audit, detail, screen);
  return detail == Detail::verbose ? text + checks_text(audit, screen) : text;
}

std::string hosts_with_text(const Fleet& fleet, std::string_view id) {
  std::set<std::string> names;
  for (const Finding& finding : fleet.summary().findings) {
    if (finding.row->id == id) names.insert(finding.hosts.begin(), finding.hosts.end());
  }
  std::string text;
  for (const std::string& name : names) text += escape(name) + "\n";
  return text;
}

std::string audit_text(const Audit& audit, const ReportStamp& stamp, const Screen& screen, Detail detail) {
  if (detail == Detail::quiet) return titles_text(audit.findings, screen);
  const Findings findings = told_once(audit.findings);
  const std::vector<Gathered> groups = gather(findings);
  std::string text = header_text(audit, stamp, screen) + "\n" + groups_text(audit, groups, screen, detail);
  if (!groups.empty()) text += "\n";
  text += unjudged_text(audit, screen) + suppressed_text(audit, screen) + summary_text(audit, detail, screen);
  text += doctor_hint(audit, screen) + wrapped(others_here(audit), screen.columns, "note: ");
  if (detail == Detail::verbose)
    text += settings_text(audit) + other_keys_text(audit, screen) + denials_text(audit, screen) +
            checks_text(audit, screen);
  if (!groups.empty()) text += fmt::format("`twctl explain {}` says more.\n", groups.front().finding->row->id);
  return text;
}

}  // namespace twctl
