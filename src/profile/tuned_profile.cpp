// The options of a TuneD profile -> what they wish for.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/tuned.hpp"
#include "profile/foreign.hpp"
#include "profile/readers.hpp"

namespace twctl {
namespace {

void take_sysctl(ForeignProfile& profile, const TunedOption& option) {
  const std::string key = key_for_tuned(option.key);
  const Setting* setting = find_setting(Os::linux_kernel, key);
  profile.go_on_in(option.file);
  if (is_known_to_tuned_only(key)) {
    return profile.note(option.line, escape(key) + ": which key that is, only TuneD knows; left alone");
  }
  if (setting == nullptr) return profile.leave_alone(key, option.line);
  const std::string_view value = unquoted_by_tuned(option.value);
  if (is_known_to_tuned_only(value)) {
    return profile.refuse(*setting, escape(value) + " is known to TuneD only; left alone", option.line);
  }
  const bool bound = value.size() > 1 && (value.front() == '>' || value.front() == '<');
  if (!bound) return profile.written(*setting, value, option.line);
  const Result<Wanted> wanted = parse_wanted(*setting, fmt::format("{}={}", value.front(), trim(value.substr(1))));
  if (!wanted)
    return profile.refuse(*setting, escape(value) + " bounds nothing that twctl knows; left alone", option.line);
  profile.want(*setting, *wanted, option.line);
}

void take_summary(ForeignProfile& profile, const std::vector<TunedOption>& main) {
  for (const TunedOption& option : main) {
    if (option.key != "summary") continue;
    std::string summary = option.value;
    std::replace(summary.begin(), summary.end(), '\n', ' ');
    profile.summarize(summary);
  }
}

}  // namespace

Profile read_tuned_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::tuned);
  const TunedText parsed = read_tuned_text(bytes);
  if (parsed.bad_line != 0) {
    profile.note(parsed.bad_line, "not KEY=VALUE in a section; TuneD refuses the whole file over it");
    return profile.finish();
  }
  const TunedProfile whole = tuned_profile_of(parsed, path);
  take_summary(profile, whole.main);
  for (const TunedOption& option : whole.main) {
    if (option.key != "include") continue;
    profile.note(option.line,
                 fmt::format("include={}: not followed; name that profile's file too", escape(option.value)));
  }
  for (TunedOption option : sysctl_options(parsed)) {
    option.file = path;
    take_sysctl(profile, option);
  }
  return profile.finish();
}

Profile merged_tuned_profile(std::string_view path, const LoadedTuned& loaded) {
  ForeignProfile profile(path, ProfileKind::tuned);
  take_summary(profile, loaded.profile.main);
  for (const TunedUnit& unit : sysctl_units(loaded.profile)) {
    for (const TunedOption& option : unit.options) take_sysctl(profile, option);
  }
  profile.go_on_in(path);
  if (!loaded.remark.empty()) profile.note(1, loaded.remark);
  return profile.finish();
}

}  // namespace twctl
