// A file in the style of sysctl.conf as `sysctl -p FILE` reads it: the last valid assignment of a key wins, and the
// kernel has the last word on what its text means.
#include <fmt/format.h>

#include <algorithm>

#include "profile/foreign.hpp"
#include "profile/readers.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

constexpr std::string_view kUnknown = "unknown";  // a live value that no text can build on

BootConfig::File one_file(std::string_view path, std::string_view bytes) {
  const BootFile file{.path = std::string(path), .link_target = {}, .bytes = std::string(bytes), .problem = {}};
  return parse_boot_files({&file, 1}).files.front();
}

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

}  // namespace

Profile read_sysctl_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::sysctl_conf);
  const BootConfig::File file = one_file(path, bytes);
  for (const Setting& setting : settings(Os::linux_kernel)) take_setting(profile, setting, file);
  for (const Assignment& said : file.procps.assignments) {
    if (!said.exclusion && !is_in_scope(said)) profile.leave_alone(said.key);
  }
  if (const std::size_t bad = file.procps.bad_lines.size(); bad > 0) {
    profile.note(file.procps.bad_lines.front().line,
                 fmt::format("the first of {} line{} that sysctl passes over: {}", bad, bad > 1 ? "s" : "",
                             file.procps.bad_lines.front().problem));
  }
  return profile.finish();
}

}  // namespace twctl
