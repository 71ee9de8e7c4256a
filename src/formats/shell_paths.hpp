// What `dirname "$0"` and its kin print. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "formats/shell_command.hpp"

namespace twctl {

// The variables that a script of that path begins with. Stale: it may be run by a link, or be sourced.
[[nodiscard]] ShellVariables variables_of_script(std::string_view path);

// The path that a command in $(...) prints, made of variables that are known: dirname, realpath, readlink, and
// "cd FOLDER && pwd". `find`: the value of a variable.
using FindVariable = std::function<std::optional<std::string>(std::string_view name)>;
[[nodiscard]] std::optional<std::string> printed_path(std::string_view command, const FindVariable& find);

}  // namespace twctl
