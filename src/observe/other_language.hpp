// Text of a program in Python, Perl, Ruby and the like -> the settings of ours that it perhaps writes: what stands in
// its comments and its documentation is left out, and of the rest a line that names a setting tells. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

// "python3", "perl"
[[nodiscard]] bool is_interpreter(std::string_view program);

// Whether a script says in its first line that such a program reads it.
[[nodiscard]] bool is_in_other_language(std::string_view script);

struct NamedSetting {
  std::string key;
  std::string value;  // raw; "" where the text does not say it
  int line = 0;
};

// No more than `most` of them.
[[nodiscard]] std::vector<NamedSetting> settings_in_other_language(std::string_view text, std::size_t most);

}  // namespace twctl
