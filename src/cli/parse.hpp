// The command line -> Options. Knows what each command takes; reads nothing else and prints nothing.
#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "cli/options.hpp"

namespace twctl {

// `args` without the program's name; they must outlive the Options. Options may stand before or after the command's
// name; "--" ends them. Error: usage, with the nearest option or command.
[[nodiscard]] Result<Options> parse_options(std::span<const std::string_view> args);

// Whether the command line asks for JSON, as far as can be told when it is otherwise wrong.
[[nodiscard]] bool asks_for_json(std::span<const std::string_view> args);

}  // namespace twctl
