#include "rules/later_lines.hpp"

#include "rules/availability.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

AuditedLine judged(const Setting& setting, std::string_view text, Place where, const HostView& host) {
  const std::optional<Value> before = kernel_default(setting, host.snapshot.host);
  KernelOutcome outcome = kernel_takes(setting, text, before.value_or(""), host.snapshot.host.kernel);
  return {.setting = &setting,
          .raw = std::string(text),
          .where = std::move(where),
          .fate = outcome.value ? Fate::taken : Fate::refused,
          .effective = std::move(outcome.value),
          .note = std::move(outcome.note)};
}

bool is_of_other_kernels(const Setting& setting, const HostView& host) {
  const std::optional<Unavailable> why = why_unavailable(setting, host.snapshot);
  return why && why->reason != Unavailable::Reason::module_not_loaded;
}

}  // namespace

std::vector<AuditedLine> command_line_lines(const Setting& setting, const HostView& host) {
  std::vector<AuditedLine> lines;
  for (const Assignment& assignment : host.replay.config.command_line) {
    if (assignment.key != setting.key) continue;
    for (AuditedLine& earlier : lines) earlier.fate = Fate::not_written;
    lines.push_back(judged(setting, assignment.value, {std::string(kKernelCommandLine), 0}, host));
  }
  return lines;
}

std::vector<AuditedLine> later_lines(const Setting& setting, const HostView& host) {
  std::vector<AuditedLine> lines;
  for (const LaterWriter& writer : host.later_writers) {
    for (const LaterWrite& write : writer.writes) {
      if (write.key != setting.key || write.value.empty() || write.where.file.empty()) continue;
      if (write.if_there && is_of_other_kernels(setting, host)) continue;  // and the writer knows it
      std::string_view text = write.value;
      const bool bound = writer.name == kTuned && text.size() > 1 && (text[0] == '>' || text[0] == '<');
      if (bound) text.remove_prefix(1);
      lines.push_back(judged(setting, text, write.where, host));
    }
  }
  return lines;
}

}  // namespace twctl
