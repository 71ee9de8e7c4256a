// What the commands are called and which options each takes: rows that the parser, the help and the hints share.
#pragma once

#include <span>
#include <string_view>

#include "cli/options.hpp"

namespace twctl {

enum class OptionGroup { plan, change, audit, look, host, output, common };

// Which commands have an option: a bit each; the lowest is for a line without a command.
[[nodiscard]] constexpr unsigned only(Command command) { return 1U << static_cast<unsigned>(command); }
inline constexpr unsigned kEveryCommand = ~0U;

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

struct CommandRow {
  Command command = Command::none;
  std::string_view name;
  std::string_view operands;  // "[PROFILE...]"
  std::string_view summary;   // one line
  std::string_view text;      // paragraphs for its own help, separated by an empty line
  std::string_view examples;  // one a line: the command line, a bar, what it does
};

[[nodiscard]] std::span<const OptionRow> option_rows();
[[nodiscard]] std::span<const CommandRow> command_rows();

[[nodiscard]] bool takes(Command command, const OptionRow& option);

[[nodiscard]] const CommandRow& row_of(Command command);              // not for Command::none
[[nodiscard]] const CommandRow* find_command(std::string_view name);  // nullptr: unknown in this version
[[nodiscard]] bool is_planned(std::string_view name);                 // of the contract, not in this version

// By "--name" or "-n". nullptr: no command has it.
[[nodiscard]] const OptionRow* find_option(std::string_view name_or_letter);

}  // namespace twctl
