// The first character of a text that looks like another or like nothing. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

enum class OddCharacter {
  any,         // whatever is not printable ASCII
  look_alike,  // what people take for a blank, a sign, a digit or for nothing; letters of other scripts are none
};

// "U+00A0, a no-break space"; "the byte \xa0, which is not UTF-8"; "" for plain ASCII. Printable.
[[nodiscard]] std::string odd_character_in(std::string_view text, OddCharacter kind = OddCharacter::any);

// The text with what each look-alike stands for: a blank, a sign, a digit, a quotation mark, nothing.
[[nodiscard]] std::string without_look_alikes(std::string_view text);

}  // namespace twctl
