// Text of a TuneD profile -> its options as TuneD reads them: Python's ConfigParser with '=' only, '#' also behind a
// blank, ';' only at the start of a line, duplicates allowed, and values that go on in deeper indented lines, one '\n'
// a line (tuned/profiles/loader.py). Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

struct TunedOption {
  std::string section;
  std::string key;
  std::string value;
  int line = 0;
  std::string file = {};  // "" where there is one only
};

struct TunedText {
  std::vector<TunedOption> options;
  std::vector<std::string> sections = {};  // as they begin, those without options too
  int bad_line = 0;                        // the first line that makes TuneD refuse the whole file; 0: none
};

[[nodiscard]] TunedText read_tuned_text(std::string_view bytes);

// A section but [main]: options for the plugin of its type (tuned/profiles/unit.py).
struct TunedUnit {
  std::string name;  // of the section
  std::string type;  // of the plugin: what `type` says, else the section's name
  bool enabled = true;
  bool replaces = false;                  // what an included profile says under that name
  bool conditional = false;               // only where cpuinfo_regex or uname_regex match
  std::optional<int> priority = {};       // lower ones first; nullopt: 0
  std::set<std::string> drops = {};       // options of an included profile
  std::vector<TunedOption> options = {};  // the plugin's own; each key once, the last one counts
};

struct TunedProfile {
  std::vector<TunedOption> main;
  std::vector<TunedUnit> units;
};
[[nodiscard]] TunedProfile tuned_profile_of(const TunedText& text, std::string_view file = {});

// `newer` over `profile`, which it includes or comes after (tuned/profiles/merger.py).
void merge_into(TunedProfile& profile, TunedProfile newer);

// The units that the sysctl plugin gets, in the order in which it applies them.
[[nodiscard]] std::vector<TunedUnit> sysctl_units(const TunedProfile& profile);

// The section for a script, and its option: the paths of the scripts that run, one a line.
inline constexpr std::string_view kTunedScript = "script";

// The options of one file for the sysctl plugin as they stand there, repeated ones too, section by section in the order
// in which TuneD applies them.
[[nodiscard]] std::vector<TunedOption> sysctl_options(const TunedText& text);

// The key of the file below /proc/sys that TuneD writes for an option, dotted: to it a dot is always a slash.
[[nodiscard]] std::string key_for_tuned(std::string_view option);

// TuneD takes one pair of double quotes off a value of one line (tuned/utils/commands.py, unquote()).
[[nodiscard]] std::string_view unquoted_by_tuned(std::string_view value);

}  // namespace twctl
