// A file in the style of sysctl.conf as `sysctl -p FILE` reads it: the last valid assignment of a key wins, and the
// kernel has the last word on what its text means.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "profile/foreign.hpp"
#include "profile/readers.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

constexpr std::string_view kUnknown = "unknown";  // a live value that no text can build on

void take_setting(ForeignProfile& profile, const Setting& setting, const BootConfig::File& file) {
  const BootOutcome outcome = file_outcome(setting, file, Loader::procps, kUnknown);
  profile.adopt(outcome.notes);
  if (!outcome.value) return;
  const int line = outcome.decided_by->line;
  for (const BootLine& loser : outcome.losers) {
    profile.note(loser.where.line, fmt::format("{}: overridden by line {}", setting.key, line));
  }
  profile.want(setting, {Operator::exactly, {*outcome.value}}, line);
}

bool is_in_scope(const Assignment& said) {
  const std::span<const Setting> known = settings(Os::linux_kernel);
  return std::any_of(known.begin(), known.end(),
                     [&](const Setting& setting) { return concerns(said, setting.key, Loader::procps); });
}

// Keeps the lines about settings that we know, exclusions too; the keys of the others are left alone.
std::vector<Assignment> in_scope(ForeignProfile& profile, const std::vector<Assignment>& all) {
  std::vector<Assignment> kept;
  std::map<std::pair<std::string_view, bool>, bool> seen;  // files repeat keys; matching one is not free
  for (const Assignment& said : all) {
    const auto [known, is_new] = seen.try_emplace({said.key, said.exclusion}, false);
    if (is_new) known->second = is_in_scope(said);
    if (known->second) {
      kept.push_back(said);
    } else if (!said.exclusion) {
      profile.leave_alone(said.key);
    }
  }
  return kept;
}

void note_bad_lines(ForeignProfile& profile, const std::vector<BadLine>& bad) {
  if (bad.empty()) return;
  profile.note(bad.front().line, fmt::format("the first of {} line{} that sysctl passes over: {}", bad.size(),
                                             bad.size() > 1 ? "s" : "", bad.front().problem));
}

}  // namespace

Result<Profile> read_sysctl_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::sysctl_conf);
  const AssignmentFile read = read_assignments(bytes, Loader::procps);
  BootConfig::File file;
  file.path = path;
  file.procps = {in_scope(profile, read.assignments), read.bad_lines};
  if (file.procps.assignments.size() > kProfileEntries) {
    return fail(Error{.code = ErrorCode::invalid,
                      .message = fmt::format("more than {} lines about settings of the catalogue", kProfileEntries),
                      .where = {std::string(path), file.procps.assignments[kProfileEntries].line}});
  }
  for (const Setting& setting : settings(Os::linux_kernel)) take_setting(profile, setting, file);
  note_bad_lines(profile, read.bad_lines);
  return profile.finish();
}

}  // namespace twctl
