// Whether a text may go to a terminal as it stands. What looks like an escape is one that was made on purpose.
#pragma once

#include <algorithm>
#include <string>

#include "base/escape.hpp"

namespace twctl::fuzz {

inline bool is_printable(std::string text) {
  std::replace(text.begin(), text.end(), '\\', '/');
  return escape(text, text.size() + 4) == text;
}

}  // namespace twctl::fuzz
