// Bytes -> a file of each kind, audited for one of two kernels. What must hold for any bytes: texts are printable,
// lines lie in the file, a line that is not applied has no value, and what --fix makes of the file has no more mistakes
// of its kind.
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/audit.hpp"
#include "audit/fix.hpp"
#include "profile_checks.hpp"

using namespace twctl;

namespace {

AuditContext context_for(std::string_view release) {
  HostFacts facts;
  facts.kernel_release = release;
  facts.kernel = parse_kernel_version(release).value_or(KernelVersion{});
  return AuditContext(facts);
}

void check_finding(const Finding& finding, int lines) {
  fuzz::require(finding.row != nullptr, "a finding has a row");
  fuzz::require(fuzz::is_printable(finding.evidence), "evidence is printable");
  fuzz::require(!finding.evidence.empty() && !finding.advice.empty(), "a finding says something");
  fuzz::require(finding.where.line >= 0 && finding.where.line <= lines, "a finding's line is in the file");
}

void check_line(const AuditedLine& line, int lines) {
  fuzz::require(line.setting != nullptr, "a line has a setting");
  fuzz::require(line.where.line > 0 && line.where.line <= lines, "a line is in the file");
  fuzz::require(fuzz::is_printable(line.note), "a note is printable");
  fuzz::require(line.fate == Fate::taken || !line.effective, "a line that is not applied has no value");
}

void check(std::string_view path, std::string_view bytes, const AuditContext& context) {
  const Result<Audit> audit = audit_file(path, bytes, context);
  if (!audit) return fuzz::check_error(audit.error(), bytes);
  const int lines = fuzz::lines_in(bytes);
  for (const Finding& finding : audit->findings) check_finding(finding, lines);
  if (path == "x.reg") return;  // its lines are counted in the decoded text
  for (const AuditedLine& line : audit->settings) check_line(line, lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const AuditContext kOld = context_for("3.10.0");
  static const AuditContext kNew = context_for("6.18.0");
  const AuditContext& context = size % 2 == 0 ? kNew : kOld;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check("x.conf", bytes, context);
  check("tuned.conf", "[sysctl]\n" + std::string(bytes), context);
  (void)fix_file("x.conf", bytes, context);
  check("x.reg", bytes, kNew);
  check("x.ini", bytes, kNew);
  return 0;
}
