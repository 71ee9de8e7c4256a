// Whether a shell ends at the first command that fails: errexit, by its options or by `set`. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "formats/shell_command.hpp"

namespace twctl {

// "-e", "-eu"
[[nodiscard]] bool has_exit_option(std::string_view word);

// By a script's first line: "#!/bin/sh -e".
[[nodiscard]] bool interpreter_exits(std::string_view line);

// By `set` with those words, where it was `exits` before.
[[nodiscard]] bool exits_after_set(const std::vector<ShellWord>& words, bool exits);

}  // namespace twctl
