// A command of a shell -> what it prints: echo(1), printf(1), and what cat(1) and tee(1) hand on. Pure.
#pragma once

#include <span>
#include <string_view>

#include "formats/shell.hpp"

namespace twctl {

using ShellWords = std::span<const ShellWord>;

// "sysctl" of "/sbin/sysctl".
[[nodiscard]] std::string_view program_of(const ShellWord& word);

// `input`: what it is given to read. An unknown one where it is not known.
[[nodiscard]] ShellWord printed_by(ShellWords words, const ShellWord& input);

}  // namespace twctl
