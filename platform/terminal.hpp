// The standard streams as the operating system sees them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace twctl {

struct Terminal {
  bool present = false;      // standard output is a terminal
  int columns = 0;           // 0: unknown
  int lines = 0;             // 0: unknown
  bool takes_colour = true;  // false: a console too old for colour codes (Windows before 10)
};
[[nodiscard]] Terminal output_terminal();

// Standard input and standard error are a terminal.
[[nodiscard]] bool can_ask();

// Puts the question on standard error and reads a line; "" at the end of input, or when a signal comes.
[[nodiscard]] std::string ask(std::string_view question);

// What comes next on standard input, at most `most` bytes of it; "" at its end. Error: no_input, invalid (it is
// closed).
[[nodiscard]] Result<std::string> read_on(std::size_t most);

// The whole text, or an error `output` that says why not; with no message where the reader has gone away (a pipe).
[[nodiscard]] Result<void> write_results(std::string_view text);   // standard output
[[nodiscard]] Result<void> write_messages(std::string_view text);  // standard error

}  // namespace twctl
