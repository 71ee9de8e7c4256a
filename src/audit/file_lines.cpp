#include "audit/file_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "audit/judge_lines.hpp"
#include "profile/profile.hpp"

namespace twctl {
namespace {

bool is_in_scope(const Assignment& said, Loader loader) {
  const std::span<const Setting> known = settings(Os::linux_kernel);
  return std::any_of(known.begin(), known.end(),
                     [&](const Setting& setting) { return concerns(said, setting.key, loader); });
}

Error too_many(std::string_view path, std::size_t most, std::string_view of_what) {
  return {.code = ErrorCode::invalid,
          .message = fmt::format("more than {} lines{}", most, of_what),
          .where = {std::string(path), 0}};
}

}  // namespace

void keep_known(AssignmentFile& file, Loader loader) {
  std::map<std::pair<std::string, bool>, bool> seen;  // files repeat keys, and matching one is not free
  const auto is_other = [&](const Assignment& said) {
    const auto [known, is_new] = seen.try_emplace({said.key, said.exclusion}, false);
    if (is_new) known->second = is_in_scope(said, loader);
    return !known->second;
  };
  std::erase_if(file.assignments, is_other);
  std::erase_if(file.bad_lines, [](const BadLine& bad) { return setting_meant_by(bad.text) == nullptr; });
}

void mark_not_there(std::vector<JudgedLine>& lines, const std::string& lack) {
  for (JudgedLine& line : lines) {
    line.fate = Fate::not_there;
    line.effective = line.effective_systemd = std::nullopt;
    line.overridden_by = std::nullopt;
    line.systemd_differs = false;
    line.note = lack;
  }
}

Result<JudgedFile> judge_sysctl_file(std::string_view path, std::string_view bytes, const AuditContext& context) {
  if (std::count(bytes.begin(), bytes.end(), '\n') > kAuditLines) return fail(too_many(path, kAuditLines, ""));
  JudgedFile judged{.lines = {},
                    .procps = read_assignments(bytes, Loader::procps),
                    .systemd = read_assignments(bytes, Loader::systemd)};
  BootConfig::File file{.path = std::string(path), .systemd = judged.systemd, .procps = judged.procps};
  keep_known(file.procps, Loader::procps);
  keep_known(file.systemd, Loader::systemd);
  const std::size_t known = std::max(file.procps.assignments.size(), file.systemd.assignments.size());
  if (known > kProfileEntries) return fail(too_many(path, kProfileEntries, " about settings of the catalogue"));
  const LineSources sources{.procps = {&file}, .systemd = {&file}, .kernel = context.kernel()};
  for (const Setting& setting : settings(Os::linux_kernel)) {
    std::vector<JudgedLine> lines = judge_lines(setting, sources, context.default_of(setting).value_or(""));
    if (const std::string lack = context.lack_of(setting); !lack.empty()) mark_not_there(lines, lack);
    std::move(lines.begin(), lines.end(), std::back_inserter(judged.lines));
  }
  std::stable_sort(judged.lines.begin(), judged.lines.end(),
                   [](const auto& a, const auto& b) { return a.where.line < b.where.line; });
  return judged;
}

}  // namespace twctl
