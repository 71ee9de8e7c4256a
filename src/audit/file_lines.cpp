#include "audit/file_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "audit/judge_lines.hpp"
#include "profile/profile.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

Error too_many(std::string_view path, std::size_t most, std::string_view of_what) {
  return {.code = ErrorCode::invalid,
          .message = fmt::format("more than {} lines{}", most, of_what),
          .where = {std::string(path), 0}};
}

}  // namespace

std::size_t lines_about_settings(const AssignmentFile& file, Loader loader) {
  std::map<std::pair<std::string_view, bool>, bool> seen;  // files repeat keys, and matching one is not free
  return static_cast<std::size_t>(
      std::count_if(file.assignments.begin(), file.assignments.end(), [&](const Assignment& assignment) {
        const auto [known, is_new] = seen.try_emplace({assignment.key, assignment.exclusion}, false);
        if (is_new) known->second = !settings_about(assignment, loader).empty();
        return known->second;
      }));
}

void mark_not_there(std::vector<JudgedLine>& lines, const Unavailable& why) {
  for (JudgedLine& line : lines) {
    line.fate = why.reason == Unavailable::Reason::removed ? Fate::removed : Fate::not_there;
    line.effective = line.effective_systemd = std::nullopt;
    line.overridden_by = std::nullopt;
    line.systemd_differs = false;
    line.note = why.text;
  }
}

Result<JudgedFile> judge_sysctl_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  if (std::count(bytes.begin(), bytes.end(), '\n') > kAuditLines) return fail(too_many(path, kAuditLines, ""));
  JudgedFile judged{.lines = {},
                    .procps = read_assignments(bytes, Loader::procps),
                    .systemd = read_assignments(bytes, Loader::systemd)};
  const std::size_t known = std::max(lines_about_settings(judged.procps, Loader::procps),
                                     lines_about_settings(judged.systemd, Loader::systemd));
  if (known > kProfileEntries) return fail(too_many(path, kProfileEntries, " about settings of the catalogue"));
  BootConfig alone{.files = {}, .systemd_order = {0}, .procps_order = {0}};
  alone.files.push_back({.path = std::string(path), .systemd = judged.systemd, .procps = judged.procps});
  const BootReplay replay(std::move(alone), context.start());
  for (const Setting& setting : settings(Os::linux_kernel)) {
    std::vector<JudgedLine> lines = judge_lines(setting, replay);
    if (const auto why = context.why_unavailable(setting)) mark_not_there(lines, *why);
    std::move(lines.begin(), lines.end(), std::back_inserter(judged.lines));
  }
  std::stable_sort(judged.lines.begin(), judged.lines.end(),
                   [](const auto& a, const auto& b) { return a.where.line < b.where.line; });
  return judged;
}

}  // namespace twctl
