// Text of a shell script -> its simple commands, each with the words that the shell would give it and whether it is
// sure to run. Reads, never runs: what a variable of somewhere else, $(...) or a pattern stands for is not known. Pure.
#pragma once

#include <functional>
#include <string_view>

#include "formats/shell_command.hpp"

namespace twctl {

// How a script is run. The interpreter's options in its first line count only where the kernel starts it.
// exiting_shell: errexit is on from the start. other: by what is no shell, "python3 FILE".
enum class RunBy { itself, shell, exiting_shell, other };

// Hands out each command in turn, none behind an `exit` that is sure to run: together they take many times the memory
// of their text. A `for` hands them out once for each of its words. The variables as the script leaves them, where it
// is sure to set them.
ShellVariables read_shell(std::string_view text, const std::function<void(ShellCommand)>& use,
                          RunBy run_by = RunBy::itself);
// Of a text that a script gives to a shell of its own: `room` is the script's. `variables`: those that it begins with.
ShellVariables read_shell(std::string_view text, const std::function<void(ShellCommand)>& use, RunBy run_by,
                          ShellRoom& room, ShellVariables variables = {});

}  // namespace twctl
