// The shape of every rule: it looks at one view of a host (a plan's wishes, a file, the sockets) and says what it
// finds there. What a finding means is its row in src/catalog; which rules exist is read from the tables
// (plan_rules.cpp, audit_rules.cpp, diagnosis.cpp). Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/finding.hpp"

namespace twctl {

// What one rule has found.
class Found {
 public:
  Found(const FindingRow& row, Findings& findings) : row_(row), findings_(findings) {}

  // A finding with what the row says; the caller changes what is otherwise on this host. `evidence` is printable. The
  // reference holds until the next call.
  Finding& add(std::string_view key, std::string evidence, Place where = {}) {
    return findings_.emplace_back(make_finding(row_, key, std::move(where), std::move(evidence)));
  }
  [[nodiscard]] const FindingRow& row() const { return row_; }

 private:
  const FindingRow& row_;
  Findings& findings_;
};

template <class View>
struct Rule {
  std::string_view id;  // of the row of what it finds
  void (*find)(const View& view, Found& found);
  Os os = Os::linux_kernel;  // of the hosts that it is for
};

// The findings of the rules for `os`, in the order of the table.
template <class View>
[[nodiscard]] Findings run_rules(std::span<const Rule<View>> rules, const View& view, Os os = Os::linux_kernel) {
  Findings findings;
  for (const Rule<View>& rule : rules) {
    if (rule.os != os) continue;
    Found found(finding_row(rule.id), findings);
    rule.find(view, found);
  }
  return findings;
}

}  // namespace twctl
