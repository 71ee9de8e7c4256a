// The option table -> the pages that --help prints. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "cli/options.hpp"

namespace twctl {

// Of the program for Command::none, else of the command; wrapped to `columns`.
[[nodiscard]] std::string help_text(Command command, std::size_t columns);

// "twctl 0.2.0", and a line each of the catalogue, the commit (where it is known) and the build; with -v the libraries.
[[nodiscard]] std::string version_text(Detail detail);

}  // namespace twctl
