#include "audit/kernels.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"

namespace twctl {
namespace {

std::string kernel_text(const HostFacts& facts) {
  return facts.kernel_release.empty() ? "a current Linux" : "Linux " + escape(facts.kernel_release);
}

bool same(const Finding& a, const Finding& b) { return a.row == b.row && a.key == b.key && a.where == b.where; }

bool is_in(const Finding& finding, const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& other) { return same(finding, other); });
}

// Findings of one kernel only say so.
void mark_those_of(const HostFacts& kernel, Findings& findings, const Findings& others) {
  for (Finding& finding : findings) {
    if (!is_in(finding, others)) finding.evidence = fmt::format("On {}: {}", kernel_text(kernel), finding.evidence);
  }
}

}  // namespace

Result<Audit> audit_for_each(const std::vector<HostFacts>& kernels,
                             const std::function<Result<Audit>(const HostFacts&)>& judge) {
  TRY(Audit audit, judge(kernels.front()));
  if (kernels.size() == 1) return audit;
  TRY(Audit newer, judge(kernels.back()));
  const Findings of_older = audit.findings;
  mark_those_of(kernels.front(), audit.findings, newer.findings);
  mark_those_of(kernels.back(), newer.findings, of_older);
  for (const Finding& finding : audit.findings) {
    const auto found = std::find_if(newer.findings.begin(), newer.findings.end(),
                                    [&](const Finding& other) { return same(finding, other); });
    if (found == newer.findings.end()) {
      newer.findings.push_back(finding);
    } else {
      found->severity = std::max(found->severity, finding.severity);
    }
  }
  newer.kernels = fmt::format("kernel not known: judged for {} and for {}", kernel_text(kernels.front()),
                              kernel_text(kernels.back()));
  newer.host.kernel_release.clear();
  newer.host.kernel = {};
  return newer;
}

}  // namespace twctl
