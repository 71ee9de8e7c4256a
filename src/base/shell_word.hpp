// A word of a command line that is shown to be typed into a shell -> that word, quoted where it must be, and printable.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

[[nodiscard]] std::string shell_word(std::string_view word);

}  // namespace twctl
