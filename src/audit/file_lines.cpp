#include "audit/file_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/slips.hpp"
#include "formats/tuned.hpp"
#include "observe/writers/tuned_profiles.hpp"
#include "profile/profile.hpp"
#include "profile/readers.hpp"
#include "sysctl/kernel_value.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

void mark_if_unavailable(AuditedLine& line, const AuditContext& context) {
  if (const auto why = context.why_unavailable(*line.setting)) mark_unavailable(line, *why);
}

// ">N" and "<N" only raise and only lower: what comes of it where nobody else has set it.
std::optional<Value> bounded(const Setting& setting, std::string_view text, const AuditContext& context) {
  const KernelOutcome bound = kernel_takes(setting, trim(text.substr(1)), "", context.kernel());
  const auto number = as_integer(bound.value.value_or(""));
  const auto now = as_integer(context.default_of(setting).value_or(""));
  if (!number || !now) return bound.value;
  return std::to_string(text.front() == '>' ? std::max(*number, *now) : std::min(*number, *now));
}

AuditedLine judge_tuned_option(const Setting& setting, const TunedOption& option, Place where,
                               const AuditContext& context) {
  AuditedLine line{.setting = &setting, .raw = option.value, .where = std::move(where)};
  const std::string_view text = unquoted_by_tuned(option.value);
  if (is_known_to_tuned_only(text)) {
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
  mark_if_unavailable(line, context);
  return line;
}

AuditedLine judge_entry(const Entry& entry, const AuditContext& context) {
  AuditedLine line{
      .setting = entry.setting, .raw = to_text(entry.wanted), .where = entry.where, .ignores_errors = entry.optional};
  const bool here = entry.setting->os == Os::linux_kernel;
  const std::optional<Value> now = here ? context.default_of(*entry.setting) : std::nullopt;
  line.effective =
      satisfied(*entry.setting, entry.wanted, now) ? now : value_to_write(*entry.setting, entry.wanted, now);
  if (!line.effective) line.note = "takes the line out of the boot file";
  if (here) mark_if_unavailable(line, context);
  return line;
}

}  // namespace

Result<void> check_entries(std::string_view path, std::size_t lines) {
  if (lines <= kProfileEntries) return {};
  return fail(Error{.code = ErrorCode::invalid,
                    .message = fmt::format("more than {} lines about settings of the catalogue", kProfileEntries),
                    .where = {std::string(path), 0}});
}

Result<AuditedSysctl> judge_sysctl_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  AuditedSysctl judged{.lines = {},
                       .procps = read_assignments(bytes, Loader::procps),
                       .systemd = read_assignments(bytes, Loader::systemd)};
  TRY_VOID(check_entries(path, std::max(lines_about_settings(judged.procps, Loader::procps),
                                        lines_about_settings(judged.systemd, Loader::systemd))));
  BootConfig alone{.files = {}, .systemd_order = {0}, .procps_order = {0}};
  alone.files.push_back({.path = std::string(path), .procps = judged.procps, .systemd = judged.systemd});
  const BootReplay replay(std::move(alone), context.start());
  for (const Setting& setting : settings(Os::linux_kernel)) {
    std::vector<AuditedLine> lines = audited_lines(setting, replay);
    if (const auto why = context.why_unavailable(setting)) mark_unavailable(lines, *why);
    std::move(lines.begin(), lines.end(), std::back_inserter(judged.lines));
  }
  std::stable_sort(judged.lines.begin(), judged.lines.end(),
                   [](const auto& a, const auto& b) { return a.where.line < b.where.line; });
  return judged;
}

void mark_overridden(std::vector<AuditedLine>& lines) {
  std::map<const Setting*, const AuditedLine*> winners;
  for (const AuditedLine& line : lines) {
    if (line.fate == Fate::taken) winners[line.setting] = &line;
  }
  for (AuditedLine& line : lines) {
    if (line.fate != Fate::taken) continue;
    const AuditedLine* winner = winners.at(line.setting);
    if (winner != &line) line.overridden_by = winner->where;
  }
}

Result<AuditedTuned> judge_tuned_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  AuditedTuned file;
  const TunedText text = read_tuned_text(bytes);
  if (text.bad_line != 0) {
    file.bad_lines.push_back({text.bad_line, {}, "It is neither a section, a comment nor KEY=VALUE below a section."});
    return file;
  }
  for (const TunedOption& option : text.options) {
    if (option.section == "main" && option.key == "include") {
      file.left_open.push_back({option.line, fmt::format("include={}: what that sets", escape(option.value))});
    }
  }
  for (const TunedOption& option : sysctl_options(text)) {
    const std::string key = key_for_tuned(option.key);
    if (key.find('.') == std::string::npos && slip_for(key) == nullptr) continue;  // an option of the plugin itself
    if (is_known_to_tuned_only(key) || is_known_to_tuned_only(option.value)) {
      file.left_open.push_back(
          {option.line, fmt::format("{} = {}: only TuneD knows what that is", escape(key), escape(option.value))});
    }
    file.assignments.push_back(
        {.key = key, .value = std::string(unquoted_by_tuned(option.value)), .line = option.line});
    const Setting* setting = find_setting(Os::linux_kernel, key);
    if (setting == nullptr) continue;
    file.lines.push_back(judge_tuned_option(*setting, option, {std::string(path), option.line}, context));
  }
  TRY_VOID(check_entries(path, file.lines.size()));
  mark_overridden(file.lines);
  return file;
}

Result<std::vector<AuditedLine>> judge_ini_file(std::string_view path, std::string_view bytes,
                                                const AuditContext& context) {
  TRY(const Profile profile, read_profile_text(path, bytes));
  std::vector<AuditedLine> lines;
  for (const Entry& entry : profile.entries) lines.push_back(judge_entry(entry, context));
  return lines;
}

}  // namespace twctl
