// The first character of a text that looks like another or like nothing. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// "U+00A0, a no-break space"; "the byte \xa0, which is not UTF-8"; "" for plain ASCII. Printable.
[[nodiscard]] std::string odd_character_in(std::string_view text);

}  // namespace twctl
