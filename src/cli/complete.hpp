// `twctl complete -- WORD...`, which a shell runs to complete the last of those words: the words typed so far -> what
// may stand there. The tables behind --help say what an option or operand is, so no shell keeps a list of its own.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace twctl {

// One candidate a line, a tab, and what it is about; a word that ends in '=' wants more behind it. The line ":files"
// stands for names of files, which the shell knows better. What cannot be looked up on this host is left out; nothing
// is an error, and nothing is changed.
[[nodiscard]] std::string completions(std::span<const std::string_view> words, const PlatformFactory& make_platform);

}  // namespace twctl
