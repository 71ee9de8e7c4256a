#include "audit/file_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "audit/judge_lines.hpp"
#include "profile/profile.hpp"

namespace twctl {
namespace {

// What every key begins with that such a key with a wildcard may mean; "" where its separators are odd.
std::string_view literal_start(std::string_view key) {
  const bool odd = key.find('/') != std::string_view::npos || key.find("..") != std::string_view::npos ||
                   key.starts_with('.') || key.ends_with('.');
  return odd ? std::string_view{} : key.substr(0, key.find_first_of("*?[{\\"));
}

// Files are full of other keys: most are told from ours without matching them against each of ours.
bool is_in_scope(const Assignment& said, Loader loader) {
  if (is_ordinary_key(said.key)) return find_setting(Os::linux_kernel, said.key) != nullptr;
  const std::string_view start = literal_start(said.key);
  const std::span<const Setting> known = settings(Os::linux_kernel);
  return std::any_of(known.begin(), known.end(), [&](const Setting& setting) {
    return setting.key.starts_with(start) && concerns(said, setting.key, loader);
  });
}

Error too_many(std::string_view path, std::size_t most, std::string_view of_what) {
  return {.code = ErrorCode::invalid,
          .message = fmt::format("more than {} lines{}", most, of_what),
          .where = {std::string(path), 0}};
}

}  // namespace

AssignmentFile known_lines(const AssignmentFile& file, Loader loader) {
  std::map<std::pair<std::string_view, bool>, bool> seen;  // files repeat keys, and matching one is not free
  const auto is_known = [&](const Assignment& said) {
    const auto [known, is_new] = seen.try_emplace({said.key, said.exclusion}, false);
    if (is_new) known->second = is_in_scope(said, loader);
    return known->second;
  };
  AssignmentFile known;
  std::copy_if(file.assignments.begin(), file.assignments.end(), std::back_inserter(known.assignments), is_known);
  std::copy_if(file.bad_lines.begin(), file.bad_lines.end(), std::back_inserter(known.bad_lines),
               [](const BadLine& bad) { return setting_meant_by(bad.text) != nullptr; });
  return known;
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
  BootConfig::File file{.path = std::string(path),
                        .systemd = known_lines(judged.systemd, Loader::systemd),
                        .procps = known_lines(judged.procps, Loader::procps)};
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
