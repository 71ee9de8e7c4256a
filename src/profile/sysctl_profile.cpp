// A file in the style of sysctl.conf as `sysctl -p FILE` reads it: the last valid assignment of a key wins, and the
// kernel has the last word on what its text means.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "profile/foreign.hpp"
#include "profile/readers.hpp"
#include "sysctl/boot_replay.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

// The live pair of ports that a line with one number builds on is not known.
KernelStart unknown_kernel() {
  KernelStart start;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.type == ValueType::integer_pair) start.values[setting.key] = "unknown";
  }
  return start;
}

void take_setting(ForeignProfile& profile, const Setting& setting, const BootOutcome& outcome) {
  profile.adopt(outcome.notes);
  if (!outcome.value) return;
  const int line = outcome.decided_by->line;
  for (const LineFate& loser : outcome.lines) {
    const bool assigns = loser.fate == Fate::taken || loser.fate == Fate::not_written;
    if (!assigns || loser.line.where == *outcome.decided_by) continue;
    profile.note(loser.line.where.line, fmt::format("{}: overridden by line {}", setting.key, line));
  }
  profile.want(setting, {Operator::exactly, {*outcome.value}}, line);
}

// Keeps the lines about settings that we know, exclusions too; the keys of the others are left alone.
std::vector<Assignment> in_scope(ForeignProfile& profile, const std::vector<Assignment>& all) {
  std::vector<Assignment> kept;
  std::map<std::pair<std::string_view, bool>, bool> seen;  // files repeat keys; matching one is not free
  for (const Assignment& said : all) {
    const auto [known, is_new] = seen.try_emplace({said.key, said.exclusion}, false);
    if (is_new) known->second = !settings_about(said, Loader::procps).empty();
    if (known->second) {
      kept.push_back(said);
    } else if (!said.exclusion) {
      profile.leave_alone(said.key, said.line);
    }
  }
  return kept;
}

void note_bad_lines(ForeignProfile& profile, const std::vector<BadLine>& bad) {
  if (bad.empty()) return;
  profile.note(bad.front().line, fmt::format("the first of {} line{} that sysctl passes over: {}", bad.size(),
                                             bad.size() > 1 ? "s" : "", bad.front().problem));
}

// A file of bad lines only, such as a single `sysctl -w KEY=VALUE`, wants something that no reader of it would do.
Result<void> check_that_it_assigns(std::string_view path, const AssignmentFile& read) {
  if (!read.assignments.empty() || read.bad_lines.empty()) return {};
  return fail(Error{.code = ErrorCode::invalid,
                    .message = "no line of it assigns anything: " + read.bad_lines.front().problem,
                    .where = {std::string(path), read.bad_lines.front().line},
                    .hint = "a line is KEY = VALUE; twctl audit FILE says what is wrong with each"});
}

}  // namespace

Result<Profile> read_sysctl_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::sysctl_conf);
  const AssignmentFile read = read_assignments(bytes, Loader::procps);
  TRY_VOID(check_that_it_assigns(path, read));
  BootConfig config{.files = {{.path = std::string(path)}}, .procps_order = {0}};
  BootConfig::File& file = config.files.front();
  file.procps = {in_scope(profile, read.assignments), read.bad_lines};
  if (file.procps.assignments.size() > kProfileEntries) {
    return fail(Error{.code = ErrorCode::invalid,
                      .message = fmt::format("more than {} lines about settings of the catalogue", kProfileEntries),
                      .where = {std::string(path), file.procps.assignments[kProfileEntries].line}});
  }
  const LoaderReplay usual(config, Loader::procps, {});
  const LoaderReplay unknown(config, Loader::procps, unknown_kernel());
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const bool builds = setting.type == ValueType::integer_pair;
    take_setting(profile, setting, (builds ? unknown : usual).outcome(setting));
  }
  note_bad_lines(profile, read.bad_lines);
  return profile.finish();
}

}  // namespace twctl
