#include "audit/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::string_view kMarkOfUs = "twctl:";
constexpr std::string_view kMarkVerb = "ignore";
constexpr std::string_view kNotTimeWait = "fin-timeout-not-time-wait";

template <class Suppresses>
void take_out(Audit& audit, const Suppressed& note, const Suppresses& suppresses) {
  if (std::erase_if(audit.findings, suppresses) == 0) return;
  audit.suppressed.push_back(note);
  std::erase_if(audit.drifts, [&](const LiveDrift& drift) {
    return std::none_of(audit.findings.begin(), audit.findings.end(), [&](const Finding& finding) {
      return finding.row->id == "drift" && finding.key == drift.setting->key;
    });
  });
}

// "ID reason" behind the mark in a comment; nullopt: the line is no such comment.
std::optional<std::string_view> asked_for(std::string_view line) {
  line = trim(line);
  if (!is_comment(line)) return std::nullopt;
  line = trim(
      line.substr(line.find_first_not_of("#;") == std::string_view::npos ? line.size() : line.find_first_not_of("#;")));
  if (!line.starts_with(kMarkOfUs)) return std::nullopt;
  line = trim(line.substr(kMarkOfUs.size()));  // with a blank behind the colon or without
  if (take_word(line) != kMarkVerb) return std::nullopt;
  return trim(line);
}

void honour(Audit& audit, const Place& where, std::string_view asked) {
  const std::string_view id = asked.substr(0, asked.find_first_of(" \t"));
  const std::string_view reason = trim(asked.substr(id.size()));
  if (find_finding(id) == nullptr || reason.empty()) {
    const std::string why = find_finding(id) == nullptr ? "no finding has that id" : "it gives no reason";
    audit.findings.push_back(make_finding(finding_row(kIgnoreInvalid), "", where,
                                          fmt::format("\"{} {} {}\": {}.", kMarkOfUs, kMarkVerb, escape(asked), why)));
    return;
  }
  take_out(audit, {std::string(id), std::string(reason), where},
           [&](const Finding& finding) { return finding.row->id == id && finding.where.file == where.file; });
}

}  // namespace

void add_unless_there(Findings& found, Findings more) {
  for (Finding& finding : more) {
    const auto same = [&](const Finding& other) { return other.row == finding.row && other.key == finding.key; };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(finding));
  }
}

void say_once_of_fin_timeout(Findings& found) {
  const auto commented = [&](const Finding& value) {
    return std::any_of(found.begin(), found.end(), [&](const Finding& finding) {
      return finding.row->id == "myth-comment" && finding.where.file == value.where.file;
    });
  };
  const auto value =
      std::find_if(found.begin(), found.end(), [](const Finding& finding) { return finding.row->id == kNotTimeWait; });
  if (value != found.end() && commented(*value)) found.erase(value);
}

void append(Audit& audit, Audit other) {
  const auto move_all = [](auto& to, auto& from) { std::move(from.begin(), from.end(), std::back_inserter(to)); };
  move_all(audit.files, other.files);
  move_all(audit.settings, other.settings);
  move_all(audit.findings, other.findings);
  move_all(audit.suppressed, other.suppressed);
  move_all(audit.unjudged, other.unjudged);
  move_all(audit.other_keys, other.other_keys);
  for (const std::string_view id : other.checks) {
    if (std::find(audit.checks.begin(), audit.checks.end(), id) == audit.checks.end()) audit.checks.push_back(id);
  }
}

void honour_comments(Audit& audit, std::string_view path, std::string_view bytes) {
  if (bytes.find(kMarkOfUs) == std::string_view::npos) return;
  int number = 0;
  for (const std::string_view line : split(bytes, '\n')) {
    ++number;
    if (const auto asked = asked_for(line)) honour(audit, {std::string(path), number}, *asked);
  }
}

void ignore(Audit& audit, std::span<const std::string> ids) {
  for (const std::string& id : ids) {
    take_out(audit, {id, "--ignore", {}}, [&](const Finding& finding) { return finding.row->id == id; });
  }
}

std::vector<BadLine> bad_to_both(const AssignmentFile& procps, const AssignmentFile& systemd) {
  std::set<int> for_systemd;
  for (const BadLine& bad : systemd.bad_lines) for_systemd.insert(bad.line);
  std::vector<BadLine> bad_lines;
  std::copy_if(procps.bad_lines.begin(), procps.bad_lines.end(), std::back_inserter(bad_lines),
               [&](const BadLine& bad) { return for_systemd.contains(bad.line); });
  return bad_lines;
}

std::optional<Severity> worst(const Findings& findings) {
  if (findings.empty()) return std::nullopt;
  return std::max_element(findings.begin(), findings.end(),
                          [](const Finding& a, const Finding& b) { return a.severity < b.severity; })
      ->severity;
}

}  // namespace twctl
