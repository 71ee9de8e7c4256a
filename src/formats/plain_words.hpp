// A command line that no shell reads -> its words: as systemd, udev and xargs take it. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "formats/shell_command.hpp"

namespace twctl {

// Words end at blanks that no quotes are around; a backslash takes the character behind it as it is.
[[nodiscard]] std::vector<ShellWord> plain_words(std::string_view text);

// ExecStart= of systemd.service(5): one command, or several with ";" between them.
struct UnitCommand {
  std::string_view marks;        // "-@" in front of it
  std::vector<ShellWord> words;  // with $NAME and %i as they stand there, and not known for it
};
[[nodiscard]] std::vector<UnitCommand> unit_commands(std::string_view text);

}  // namespace twctl
