// The shape of every rule: it looks at one view of a host (a plan's wishes, a file, the sockets) and says what it
// finds there. What a finding means is its row in src/catalog; which rules exist is read from the tables: in
// plan_rules.cpp, doctor_rules.cpp, audit_files.cpp, and at the end of the audit_*.cpp files that have one of their
// own. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/finding.hpp"

namespace twctl {

inline constexpr std::size_t kEchoed = 80;    // bytes of a foreign line or value that a finding shows
inline constexpr std::size_t kMostNamed = 8;  // of a list in a finding; the others are counted

// Before any advice to switch tcp_timestamps on, where tcp_tw_recycle waits for them.
inline constexpr std::string_view kRecycleFirst =
    "Set tcp_tw_recycle to 0 first, or clients behind NAT are locked out. ";

// Collects what one rule finds.
class FindingSink {
 public:
  FindingSink(std::string_view id, Findings& findings) : id_(id), findings_(findings) {}

  // Adds a finding with the row's severity, advice and source, which the caller may then change for this host.
  // `evidence` is printable. The reference holds until the next call.
  Finding& add(std::string_view key, std::string evidence, Place where = {}) {
    return findings_.emplace_back(make_finding(row(), key, std::move(where), std::move(evidence)));
  }
  // Looked up only now: most rules find nothing on most hosts.
  [[nodiscard]] const FindingRow& row() const { return finding_row(id_); }

 private:
  std::string_view id_;
  Findings& findings_;
};

template <class View>
struct Rule {
  std::string_view id;  // of the catalogue row for what it finds
  void (*find)(const View& view, FindingSink& found);
  Os os = Os::linux_kernel;  // of a plan's rule: the hosts that it is for
  bool in_plans = false;     // of a value's rule: a plan that writes such a value has no rule of its own for it
};

// The findings of the rules for `os`, in the order of the table.
template <class View>
[[nodiscard]] Findings run_rules(std::span<const Rule<View>> rules, const View& view, Os os = Os::linux_kernel) {
  Findings findings;
  for (const Rule<View>& rule : rules) {
    if (rule.os != os) continue;
    FindingSink found(rule.id, findings);
    rule.find(view, found);
  }
  return findings;
}

}  // namespace twctl
