// INI text -> its assignments in order, each with its section, place and comment. Pure; judges no key and no value.
// The text is scanned and cut into lines here; inih splits the lines (docs/decisions/0004-inih-behind-a-scan.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "formats/text_lines.hpp"

namespace twctl {

struct IniItem {
  std::string section;           // "linux"
  std::string key;               // as written
  std::string value;             // as written
  std::string reason;            // the comment directly above, else the one behind it; single spaces
  TextLine line;                 // where it was read; views into the text
  std::size_t key_offset = 0;    // in line.raw
  std::size_t value_offset = 0;  // in line.raw
};

// Error: invalid; what check_text() objects to, a line that is neither assignment nor section, an unknown section,
// an assignment before the first section, more than kProfileEntries of them.
[[nodiscard]] Result<std::vector<IniItem>> read_ini_text(std::string_view file, std::string_view bytes);

}  // namespace twctl
