// The options of a TuneD profile -> what they wish for.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/sysctl.hpp"
#include "formats/tuned.hpp"
#include "profile/foreign.hpp"
#include "profile/readers.hpp"

namespace twctl {
namespace {

void take_sysctl(ForeignProfile& profile, const TunedOption& option) {
  const std::string key = dotted_key(option.key);
  const Setting* setting = find_setting(Os::linux_kernel, key);
  if (setting == nullptr) {
    const bool is_sysctl = key.find('.') != std::string::npos;  // "type", "enabled" and the like are TuneD's own
    return is_sysctl ? profile.leave_alone(key, option.line) : void();
  }
  const std::string_view value = unquoted_by_tuned(option.value);
  if (value.find("${") != std::string_view::npos) {
    return profile.refuse(*setting, escape(value) + " is known to TuneD only; left alone", option.line);
  }
  const bool bound = value.size() > 1 && (value.front() == '>' || value.front() == '<');
  if (!bound) return profile.written(*setting, value, option.line);
  const Result<Wanted> wanted = parse_wanted(*setting, fmt::format("{}={}", value.front(), trim(value.substr(1))));
  if (!wanted)
    return profile.refuse(*setting, escape(value) + " bounds nothing that twctl knows; left alone", option.line);
  profile.want(*setting, *wanted, option.line);
}

void take_main(ForeignProfile& profile, const TunedOption& option) {
  if (option.key == "summary") {
    std::string summary = option.value;
    std::replace(summary.begin(), summary.end(), '\n', ' ');
    profile.summarize(summary);
  }
  if (option.key != "include") return;
  profile.note(option.line,
               fmt::format("include={}: not followed; name that profile's file too", escape(option.value)));
}

}  // namespace

Profile read_tuned_profile(std::string_view path, std::string_view bytes) {
  ForeignProfile profile(path, ProfileKind::tuned);
  const TunedText parsed = read_tuned_text(bytes);
  if (parsed.bad_line != 0) {
    profile.note(parsed.bad_line, "not KEY=VALUE in a section; TuneD refuses the whole file over it");
    return profile.finish();
  }
  for (const TunedOption& option : parsed.options) {
    if (option.section == "main") take_main(profile, option);
    if (option.section == "sysctl") take_sysctl(profile, option);
  }
  return profile.finish();
}

}  // namespace twctl
