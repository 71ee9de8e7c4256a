#include "support/audited.hpp"

#include <doctest/doctest.h>

namespace twctl::test {

AuditContext context_of(std::string_view kernel) {
  return AuditContext({.hostname = "web1",
                       .kernel_release = std::string(kernel),
                       .kernel = parse_kernel_version(kernel).value_or(KernelVersion{}),
                       .distribution = {},
                       .boot_id = {},
                       .network_namespace = {},
                       .netns = {},
                       .container = {}});
}

AuditContext container_context() {
  HostFacts facts = context_of().host();
  facts.initial_network_namespace = false;
  facts.container = "docker";
  return AuditContext(facts);
}

Audit audited(std::string_view text, const AuditContext& context, std::string_view path) {
  Result<Audit> audit = audit_file(path, text, context);
  if (!audit) FAIL("refused: " << audit.error().message);
  return *std::move(audit);
}

std::vector<std::string> found_in(const Audit& audit) {
  std::vector<std::string> found;
  for (const Finding& finding : audit.findings) {
    const std::string line = finding.where.line == 0 ? "" : ":" + std::to_string(finding.where.line);
    found.push_back(std::string(finding.row->id) + line);
  }
  return found;
}

std::string evidence_of(const Audit& audit, std::string_view id) {
  std::string evidence;
  for (const Finding& finding : audit.findings) {
    if (finding.row->id != id) continue;
    CHECK(evidence.empty());
    evidence = finding.evidence;
  }
  return evidence;
}

std::vector<std::string> lines_of(const Audit& audit) {
  std::vector<std::string> lines;
  for (const AuditedLine& line : audit.settings) {
    std::string text =
        std::string(line.setting->key) + "@" + std::to_string(line.where.line) + " " + line.effective.value_or("-");
    if (line.systemd_differs) text += " systemd " + line.effective_systemd.value_or("-");
    if (line.overridden_by) text += " by " + std::to_string(line.overridden_by->line);
    lines.push_back(std::move(text));
  }
  return lines;
}

}  // namespace twctl::test
