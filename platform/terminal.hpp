// The standard streams as the operating system sees them.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace twctl {

struct Terminal {
  bool present = false;  // standard output is a terminal
  int columns = 0;       // 0: unknown
};
[[nodiscard]] Terminal output_terminal();

// The whole text, or an error `output` that says why not; with no message where the reader has gone away (a pipe).
[[nodiscard]] Result<void> write_results(std::string_view text);   // standard output
[[nodiscard]] Result<void> write_messages(std::string_view text);  // standard error

}  // namespace twctl
