// Text of a TuneD profile -> its options as TuneD reads them: Python's ConfigParser with '=' only, '#' also behind a
// blank, ';' only at the start of a line, duplicates allowed, and values that go on in deeper indented lines, one '\n'
// a line (tuned/profiles/loader.py). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace twctl {

struct TunedOption {
  std::string section;
  std::string key;
  std::string value;
  int line = 0;
};

struct TunedText {
  std::vector<TunedOption> options;
  int bad_line = 0;  // the first line that makes TuneD refuse the whole file; 0: none
};

[[nodiscard]] TunedText read_tuned_text(std::string_view bytes);

// TuneD takes one pair of double quotes off a value of one line (tuned/utils/commands.py, unquote()).
[[nodiscard]] std::string_view unquoted_by_tuned(std::string_view value);

}  // namespace twctl
