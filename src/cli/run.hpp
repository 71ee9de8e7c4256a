// Command line -> exit status; all output goes to the streams. Tests call it within their own process.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.hpp"
#include "cli/streams.hpp"

namespace twctl {

// `args` without the program's name. Exceptions (no memory, a bug) are main's.
[[nodiscard]] int run(std::span<const std::string_view> args, const PlatformFactory& make_platform,
                      const Streams& streams);

// --color, then NO_COLOR, TERM=dumb, CLICOLOR_FORCE, then whether it is a terminal.
[[nodiscard]] bool wants_colour(ColorChoice choice, const Streams& streams);

}  // namespace twctl
