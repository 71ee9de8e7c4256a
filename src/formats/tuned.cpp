#include "formats/tuned.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

std::string_view without_comment(std::string_view line) {
  if (is_comment(trim(line))) return {};
  for (std::size_t at = line.find('#'); at < line.size(); at = line.find('#', at + 1)) {
    if (at == 0 || is_blank(line[at - 1])) return line.substr(0, at);
  }
  return line;
}

class OptionReader {
 public:
  TunedText read(std::string_view text) {
    for (int line = 1; !text.empty() && parsed_.bad_line == 0; ++line) {
      const std::string_view raw = take_line(text, line).raw;
      const std::string_view content = trim(without_comment(raw));
      if (!content.empty()) take(content, raw.find_first_not_of(" \t\v\f\r"), line);
      if (trim(raw).empty()) ++empty_lines_;
    }
    return std::move(parsed_);
  }

 private:
  void take(std::string_view text, std::size_t indent, int line) {
    const std::size_t lines = std::exchange(empty_lines_, 0) + 1;
    if (in_option_ && indent > indent_) {
      parsed_.options.back().value.append(lines, '\n').append(text);
      return;
    }
    indent_ = indent;
    const std::size_t bracket = text.rfind(']');
    if (text.front() == '[' && bracket != std::string_view::npos && bracket > 1) {
      section_ = text.substr(1, bracket - 1);
      parsed_.sections.push_back(section_);
      in_option_ = false;
      return;
    }
    const std::size_t sign = text.find('=');
    if (sign == 0 || sign == std::string_view::npos || section_.empty()) {
      parsed_.bad_line = line;
      return;
    }
    in_option_ = true;
    parsed_.options.push_back(
        {section_, std::string(trim(text.substr(0, sign))), std::string(trim(text.substr(sign + 1))), line});
  }

  TunedText parsed_;
  std::string section_;
  std::size_t indent_ = 0;
  std::size_t empty_lines_ = 0;  // since the last line that had something; those within a value belong to it
  bool in_option_ = false;
};

// One of each key, at the place of the first one, with the value of the last one.
void keep_one_of_each(std::vector<TunedOption>& options) {
  std::map<std::string, std::size_t> places;  // by key
  std::vector<TunedOption> kept;
  for (TunedOption& option : options) {
    const auto [known, is_new] = places.try_emplace(option.key, kept.size());
    if (is_new) {
      kept.push_back(std::move(option));
    } else {
      kept[known->second] = std::move(option);
    }
  }
  options = std::move(kept);
}

bool is_true(std::string_view value) { return value == "1" || value == "true" || value == "True"; }

// Names between commas or semicolons.
std::set<std::string> listed_names(std::string value) {
  std::replace(value.begin(), value.end(), ';', ',');
  std::set<std::string> names;
  for (const std::string_view name : split(value, ',')) names.emplace(trim(name));
  return names;
}

// Whether the option is of every unit, whatever its plugin; then it is taken.
bool take_common(TunedUnit& unit, const TunedOption& option) {
  constexpr std::array<std::string_view, 4> kOfNoConcern{"devices", "devices_udev_regex", "script_pre", "script_post"};
  if (option.key == "type")
    unit.type = option.value;
  else if (option.key == "enabled")
    unit.enabled = is_true(option.value);
  else if (option.key == "replace")
    unit.replaces = is_true(option.value);
  else if (option.key == "drop")
    unit.drops = listed_names(option.value);
  else if (option.key == "priority")
    unit.priority = static_cast<int>(parse_decimal(option.value).value_or(0));
  else if (option.key == "cpuinfo_regex" || option.key == "uname_regex")
    unit.conditional = true;
  else
    return std::find(kOfNoConcern.begin(), kOfNoConcern.end(), option.key) != kOfNoConcern.end();
  return true;
}

// A script lies beside its profile, which ${i:PROFILE_DIR} stands for too (tuned/profiles/loader.py).
std::string script_path(const std::string& written, std::string_view file) {
  constexpr std::string_view kBeside = "${i:PROFILE_DIR}";
  const std::string directory(directory_of(file));
  if (written.starts_with(kBeside)) return directory + written.substr(kBeside.size());
  return written.starts_with('/') ? written : directory + "/" + written;
}

// The included profile's script runs too, before this one's (tuned/profiles/merger.py).
void put_behind_scripts(const TunedUnit& unit, TunedOption& newer) {
  for (const TunedOption& option : unit.options) {
    if (option.key == newer.key) newer.value.insert(0, option.value + "\n");
  }
}

void merge_unit(TunedUnit& unit, TunedUnit newer) {
  unit.type = std::move(newer.type);
  unit.enabled = newer.enabled;
  unit.conditional = unit.conditional || newer.conditional;
  if (newer.priority) unit.priority = newer.priority;
  std::erase_if(unit.options, [&](const TunedOption& option) { return newer.drops.contains(option.key); });
  for (TunedOption& option : newer.options) {
    if (unit.name == kTunedScript && option.key == kTunedScript) put_behind_scripts(unit, option);
  }
  std::move(newer.options.begin(), newer.options.end(), std::back_inserter(unit.options));
  keep_one_of_each(unit.options);
}

}  // namespace

TunedProfile tuned_profile_of(const TunedText& text, std::string_view file) {
  TunedProfile profile;
  std::map<std::string_view, std::size_t> places;  // of the units, by name
  for (const std::string& name : text.sections) {
    const bool is_new = name != "main" && places.try_emplace(name, profile.units.size()).second;
    if (is_new) profile.units.push_back(TunedUnit{.name = name, .type = name});
  }
  for (TunedOption option : text.options) {
    option.file = file;
    if (option.key == kTunedScript) option.value = script_path(option.value, file);
    if (option.section == "main") {
      profile.main.push_back(std::move(option));
      continue;
    }
    TunedUnit& unit = profile.units[places.at(option.section)];
    if (!take_common(unit, option)) unit.options.push_back(std::move(option));
  }
  keep_one_of_each(profile.main);
  for (TunedUnit& unit : profile.units) keep_one_of_each(unit.options);
  return profile;
}

void merge_into(TunedProfile& profile, TunedProfile newer) {
  std::move(newer.main.begin(), newer.main.end(), std::back_inserter(profile.main));
  keep_one_of_each(profile.main);
  std::map<std::string, std::size_t> places;  // of the units, by name
  for (const TunedUnit& unit : profile.units) places.try_emplace(unit.name, places.size());
  for (TunedUnit& unit : newer.units) {
    const auto known = places.find(unit.name);
    if (known == places.end()) {
      profile.units.push_back(std::move(unit));
    } else if (unit.replaces) {
      profile.units[known->second] = std::move(unit);
    } else {
      merge_unit(profile.units[known->second], std::move(unit));
    }
  }
}

std::vector<TunedUnit> sysctl_units(const TunedProfile& profile) {
  std::vector<TunedUnit> units;
  std::copy_if(profile.units.begin(), profile.units.end(), std::back_inserter(units),
               [](const TunedUnit& unit) { return unit.type == "sysctl" && unit.enabled; });
  std::stable_sort(units.begin(), units.end(), [](const TunedUnit& a, const TunedUnit& b) {
    return a.priority.value_or(0) < b.priority.value_or(0);
  });
  return units;
}

std::vector<TunedOption> sysctl_options(const TunedText& text) {
  std::map<std::string_view, std::vector<TunedOption>> by_section;
  for (const TunedOption& option : text.options) {
    TunedUnit any;
    if (!take_common(any, option)) by_section[option.section].push_back(option);
  }
  std::vector<TunedOption> found;
  for (const TunedUnit& unit : sysctl_units(tuned_profile_of(text))) {
    std::vector<TunedOption>& own = by_section[unit.name];
    std::move(own.begin(), own.end(), std::back_inserter(found));
  }
  return found;
}

std::string key_for_tuned(std::string_view option) { return replaced(option, '/', '.'); }

TunedText read_tuned_text(std::string_view bytes) { return OptionReader().read(without_bom(bytes)); }

std::string_view unquoted_by_tuned(std::string_view value) {
  const bool one_line = value.find('\n') == std::string_view::npos;
  const bool quoted = one_line && value.size() > 1 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace twctl
