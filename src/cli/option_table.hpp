// Which options each command takes: rows that the parser, the help and the hints share.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "cli/options.hpp"

namespace twctl {

enum class OptionGroup { plan, trial, change, audit, look, host, output, common };

// In the order of the help, with its headings.
inline constexpr std::pair<OptionGroup, std::string_view> kOptionGroups[] = {
    {OptionGroup::plan, "What to plan:"},       {OptionGroup::trial, "What to measure:"},
    {OptionGroup::change, "How to change it:"}, {OptionGroup::audit, "What to look for:"},
    {OptionGroup::look, "What to look at:"},    {OptionGroup::host, "Which host and which profiles:"},
    {OptionGroup::output, "Output:"},           {OptionGroup::common, "Also:"}};

// Where an option means different things to different commands it has a row for each; all take a value, or none does.
struct OptionRow {
  std::string_view name;        // "--root", "-o"
  std::string_view alias = {};  // "-h"
  std::string_view value = {};  // how help names it: "DIR"; "" for a switch
  OptionGroup group = OptionGroup::common;
  unsigned commands = kEveryCommand;
  bool repeats = false;
  std::string_view text;                                     // what it does, for help
  Result<void> (*set)(Options& options, std::string value);  // rows are applied in their order; error: usage
};

[[nodiscard]] std::span<const OptionRow> option_rows();
[[nodiscard]] bool takes(Command command, const OptionRow& option);
[[nodiscard]] bool takes(Command command, std::string_view name);  // "--root"

// By "--name" or "-n"; the first of those of that name. nullptr: no command has it.
[[nodiscard]] const OptionRow* find_option(std::string_view name_or_letter);

}  // namespace twctl
