// The result of an audit: the lines, the findings, what was looked for and what was left out. A value; report/audit_*
// prints it.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/platform.hpp"
#include "rules/audit_rules.hpp"

namespace twctl {

struct Suppressed {
  std::string id;
  std::string reason;  // printable
  Place where;         // of the comment that says so; {} for --ignore
  friend bool operator==(const Suppressed&, const Suppressed&) = default;
};

// What was asked for and could not be held to anything: a template, a file without a setting of ours, a setting of
// --against that the host does not have. Without it "nothing found" would say too much.
struct Unjudged {
  std::string what;  // a file, or a setting's key; raw
  std::string why;   // printable, without a full stop
  friend bool operator==(const Unjudged&, const Unjudged&) = default;
};

struct Audit {
  HostFacts host;                       // that was audited, or whose kernel the files were judged for
  bool of_files = false;                // of files by themselves
  std::vector<std::string> files = {};  // that were judged, as asked for, or the host's boot files
  std::vector<AuditedLine> settings = {};
  Findings findings = {};
  std::vector<std::string_view> checks = {};  // ids of everything that was looked for
  std::vector<Suppressed> suppressed = {};
  OtherNamespaces other_namespaces = {};  // of a host: with processes in them, and values of their own
  std::vector<Unjudged> unjudged = {};
  std::vector<std::string> other_keys = {};  // of files: that they set and nobody judges; raw, sorted
  std::vector<LiveDrift> drifts = {};        // of a host: what the finding of that name is about
  std::optional<std::string> place = {};     // of a host at hand: --root and --netns in words, as commands take them
  bool has_sockets = false;                  // of a host at hand: doctor would have something to look at
  std::string tree = {};                     // --root: the folder that stands for the host; "" for the host itself
  std::string kernels = {};  // where the kernel is not known: for which ones it was judged, printable; "" else
};

// Says in the audit's `checks` that these rules have been run.
template <class View>
void look_for(Audit& audit, std::span<const Rule<View>> rules) {
  for (const Rule<View>& rule : rules) {
    if (std::find(audit.checks.begin(), audit.checks.end(), rule.id) == audit.checks.end()) {
      audit.checks.push_back(rule.id);
    }
  }
}

// One file by itself. Error: invalid, for a kind that twctl does not read (YAML, a script) or that is broken as a
// whole.
[[nodiscard]] Result<Audit> audit_file(std::string_view path, std::string_view bytes, const AuditContext& context);

// Of what two looks at one thing both show, the first one stays.
void add_unless_there(Findings& found, Findings more);

// What is said of a comment on tcp_fin_timeout is not said again of its value.
void say_once_of_fin_timeout(Findings& found);

// Adds the audit of another file, made in the same context.
void append(Audit& audit, Audit other);

inline constexpr std::string_view kIgnoreInvalid = "ignore-invalid";

// "# twctl: ignore ID reason" in the text of a file: takes the findings of that id about that file out of the audit.
// One without a reason, or of an unknown id, is itself a finding.
void honour_comments(Audit& audit, std::string_view path, std::string_view bytes);

// --ignore ID.
void ignore(Audit& audit, std::span<const std::string> ids);

// What no loader takes for an assignment.
[[nodiscard]] std::vector<BadLine> bad_to_both(const AssignmentFile& procps, const AssignmentFile& systemd);

// The weightiest severity among the findings; nullopt without any.
[[nodiscard]] std::optional<Severity> worst(const Findings& findings);

}  // namespace twctl
