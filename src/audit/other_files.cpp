#include "audit/other_files.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "formats/tuned.hpp"
#include "profile/profile.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

void note_if_unavailable(JudgedLine& line, const AuditContext& context) {
  const std::optional<Unavailable> why = context.why_unavailable(*line.setting);
  if (!why) return;
  line.fate = why->reason == Unavailable::Reason::removed ? Fate::removed : Fate::not_there;
  line.effective = std::nullopt;
  line.note = why->text;
}

// ">N" and "<N" only raise and only lower: what comes of it where nobody else has set it.
std::optional<Value> bounded(const Setting& setting, std::string_view text, const AuditContext& context) {
  const KernelOutcome bound = kernel_takes(setting, trim(text.substr(1)), "", context.kernel());
  const auto number = as_integer(bound.value.value_or(""));
  const auto now = as_integer(context.default_of(setting).value_or(""));
  if (!number || !now) return bound.value;
  return std::to_string(text.front() == '>' ? std::max(*number, *now) : std::min(*number, *now));
}

JudgedLine judge_tuned_option(const Setting& setting, const TunedOption& option, Place where,
                              const AuditContext& context) {
  JudgedLine line{.setting = &setting, .raw = option.value, .where = std::move(where)};
  const std::string_view text = unquoted_by_tuned(option.value);
  if (text.find("${") != std::string_view::npos) {
    line.fate = Fate::not_written;
    line.note = "a value that only TuneD knows";
    return line;
  }
  const bool is_bound = text.size() > 1 && (text.front() == '>' || text.front() == '<');
  KernelOutcome outcome = is_bound
                              ? KernelOutcome{.value = bounded(setting, text, context),
                                              .note = text.front() == '>' ? "only raises" : "only lowers"}
                              : kernel_takes(setting, text, context.default_of(setting).value_or(""), context.kernel());
  line.fate = outcome.value ? Fate::taken : Fate::refused;
  line.effective = std::move(outcome.value);
  line.note = std::move(outcome.note);
  note_if_unavailable(line, context);
  return line;
}

JudgedLine judge_entry(const Entry& entry, const AuditContext& context) {
  JudgedLine line{
      .setting = entry.setting, .raw = to_text(entry.wanted), .where = entry.where, .ignores_errors = entry.optional};
  const bool here = entry.setting->os == Os::linux_kernel;
  const std::optional<Value> now = here ? context.default_of(*entry.setting) : std::nullopt;
  line.effective =
      satisfied(*entry.setting, entry.wanted, now) ? now : value_to_write(*entry.setting, entry.wanted, now);
  if (!line.effective) line.note = "takes the line out of the boot file";
  if (here) note_if_unavailable(line, context);
  return line;
}

}  // namespace

void settle(std::vector<JudgedLine>& lines) {
  for (JudgedLine& line : lines) {
    const auto winner = std::find_if(lines.rbegin(), lines.rend(), [&](const JudgedLine& other) {
      return other.setting == line.setting && other.fate == Fate::taken;
    });
    if (winner != lines.rend() && &*winner != &line && line.fate == Fate::taken) line.overridden_by = winner->where;
  }
}

OtherFile judge_tuned_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  OtherFile file;
  const TunedText text = read_tuned_text(bytes);
  if (text.bad_line != 0) {
    file.findings.push_back(make_finding("tuned-refuses", "", {std::string(path), text.bad_line},
                                         "It is neither a section, a comment nor KEY=VALUE below a section."));
    return file;
  }
  for (const TunedOption& option : text.options) {
    const Setting* setting = find_setting(Os::linux_kernel, dotted_key(option.key));
    if (option.section != "sysctl" || setting == nullptr) continue;
    file.lines.push_back(judge_tuned_option(*setting, option, {std::string(path), option.line}, context));
  }
  settle(file.lines);
  rules::assignments(file.lines, file.findings);
  rules::repeated(file.lines, file.findings);
  return file;
}

Result<OtherFile> judge_ini_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  TRY(const Profile profile, read_profile_text(path, bytes));
  OtherFile file;
  for (const Entry& entry : profile.entries) {
    file.lines.push_back(judge_entry(entry, context));
    const JudgedLine& line = file.lines.back();
    const bool lacking = line.fate == Fate::not_there || line.fate == Fate::removed;
    if (lacking && !line.ignores_errors) rules::assignments({&line, 1}, file.findings);
  }
  return file;
}

}  // namespace twctl
