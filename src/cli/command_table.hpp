// What the commands are called and what each does: rows that the parser, the help and the hints share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/options.hpp"

namespace twctl {

enum class CommandGroup { trouble, change, record, elsewhere };

// In the order of the help, with its headings.
inline constexpr std::pair<CommandGroup, std::string_view> kCommandGroups[] = {
    {CommandGroup::trouble, "Something is wrong:"},
    {CommandGroup::change, "Change settings, and change them back:"},
    {CommandGroup::record, "What twctl has changed here:"},
    {CommandGroup::elsewhere, "Other hosts, and profiles:"}};

struct CommandRow {
  Command command = Command::none;
  CommandGroup group = CommandGroup::trouble;
  std::string_view name;
  std::string_view meant_by;  // words that people type for it, with blanks between them; no command is called so
  std::string_view operands;  // "[PROFILE...]"
  std::string_view summary;   // one line
  std::string_view text;      // paragraphs for its own help, separated by an empty line
  std::string_view examples;  // one a line: the command line, a bar, what it does
};

[[nodiscard]] std::span<const CommandRow> command_rows();
[[nodiscard]] const CommandRow& row_of(Command command);                  // not for Command::none
[[nodiscard]] const CommandRow* find_command(std::string_view name);      // nullptr: unknown in this version
[[nodiscard]] const CommandRow* command_meant_by(std::string_view word);  // "undo": rollback; nullptr: none is

struct Example {
  std::string_view line;  // "twctl plan"
  std::string_view text;  // what it does
};
[[nodiscard]] std::vector<Example> examples_of(Command command);  // Command::none: of the program

// "`twctl plan --help` lists the options"
[[nodiscard]] std::string help_hint(Command command);

}  // namespace twctl
