// What a fix leaves to a person, and why.
#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "audit/fix.hpp"

namespace twctl {
namespace {

struct PersonNeeded {
  std::string_view id;
  std::string_view why;
};
constexpr auto kReasons = std::to_array<PersonNeeded>({
    {"value-refused", "which value was meant is a guess"},
    {"odd-character", "what stood there before is a guess"},
    {"bad-line", "what the line was meant to set is a guess"},
    {"unknown-key", "which key was meant is a guess"},
    {"utf-16", "the whole file has to be converted, to which no diff can be applied"},
    {"nul-byte", "what stood there before is a guess"},
    {"lone-cr", "whether one line or two were meant is a guess"},
    {"trailing-text", "whether one line or two were meant is a guess"},
    {"octal-value", "which number was meant is a guess"},
    {"ports-below-privileged", "whether the range or ip_unprivileged_port_start is to change is a decision"},
    {"reuse-inert", "whether reuse or timestamps are to change is a decision"},
    {"recycle-inert", "whether recycling or timestamps are to change is a decision"},
    {"low-end-only", "the other end of the range is not known"},
    {"overridden-line", "which of the two lines is meant is a decision"},
    {"loaders-differ", "which of the two values is meant is a decision"},
    {"missing-key", "whether another kernel will read the file is not known"},
    {"tcp-mem-low", "which limits the host needs is a decision; without the line the kernel takes its own"},
    {"flow-timeout-short", "how long flows are to be kept is a decision; without the line the kernel takes its own"},
    {"tcp-mem-in-bytes", "whether bytes or pages were meant is a guess"},
    {"tuned-refuses", "what the line was meant to say is a guess"},
    {"ignore-invalid", "only who wrote it knows the reason"},
    {"reg-refused", "whether it is a registry file at all is a guess"},
    {"reg-no-effect", "where the value belongs is a decision"},
    {"reg-misspelt", "which name was meant is a guess"},
    {"reg-hexadecimal", "which number was meant is a guess"},
    {"reg-overridden", "which of the two lines is meant is a decision"},
});

using Kind = std::tuple<const FindingRow*, std::string_view, Severity, int>;
Kind kind_of(const Finding& finding, int line) { return {finding.row, finding.key, finding.severity, line}; }

// Of which line of the file as it is `line` of the mended one was made: a finding stays with its line, for no edit
// changes which line is in force.
int line_before(const std::vector<LineEdit>& edits, int line) {
  int grown = 0;  // by the edits above
  for (const LineEdit& edit : edits) {
    if (line < edit.line + grown) break;
    const int more = edit.text ? static_cast<int>(std::count(edit.text->begin(), edit.text->end(), '\n')) : -1;
    if (line <= edit.line + grown + more) return edit.line;
    grown += more;
  }
  return line - grown;
}

}  // namespace

Findings unmended(const Fix& fix) {
  std::set<Kind> left;
  for (const Finding& finding : fix.after.findings) {
    left.insert(kind_of(finding, line_before(fix.edits, finding.where.line)));
  }
  Findings found;
  for (const Finding& finding : fix.before.findings) {
    const bool stays = left.contains(kind_of(finding, finding.where.line));
    if (stays && finding.severity >= Severity::warning) found.push_back(finding);
  }
  return found;
}

std::string_view why_a_person(const Fix& fix, const Finding& finding) {
  if (const auto held = fix.held.find(finding.where.line); held != fix.held.end()) return held->second;
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const PersonNeeded& reason) { return reason.id == finding.row->id; });
  return found == kReasons.end() ? "the line does what it says; whether that is wanted is a decision" : found->why;
}

}  // namespace twctl
