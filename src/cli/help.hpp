// The option table -> the pages that --help prints. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "cli/options.hpp"

namespace twctl {

// Of the program for Command::none, else of the command; wrapped to `columns`.
[[nodiscard]] std::string help_text(Command command, std::size_t columns);

[[nodiscard]] std::string version_text();  // "twctl 0.2.0\n"

}  // namespace twctl
