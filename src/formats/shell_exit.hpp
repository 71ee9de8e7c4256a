// Whether a shell ends at the first command that fails: errexit, by its options or by `set`. Pure.
#pragma once

#include <span>
#include <string_view>

namespace twctl {

// "-e", "-eu"
[[nodiscard]] bool has_exit_option(std::string_view word);

// By a script's first line: "#!/bin/sh -e".
[[nodiscard]] bool interpreter_exits(std::string_view line);

// By `set` with those words, where it was `exits` before.
[[nodiscard]] bool exits_after_set(std::span<const std::string_view> words, bool exits);

}  // namespace twctl
