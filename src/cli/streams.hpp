// Where a run's text goes and what it looks like there. Filled by main from the real streams, by tests from strings.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace twctl {

// What the environment says of colour; --color overrules it (https://no-color.org, https://bixense.com/clicolors).
struct ColorEnvironment {
  bool no_color = false;       // NO_COLOR is set and not empty
  bool dumb_terminal = false;  // TERM=dumb
  bool force = false;          // CLICOLOR_FORCE is set, not empty and not 0
};

struct TerminalSize {
  int columns = 0;  // 0: unknown
  int lines = 0;    // 0: unknown
  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

struct Streams {
  std::function<Result<void>(std::string_view)> results;   // standard output; the error is `output`
  std::function<Result<void>(std::string_view)> messages;  // standard error
  // Asks the person at the terminal: the answer, or "" at the end of input. Empty: there is no terminal to ask on.
  std::function<std::string(std::string_view question)> ask;
  bool results_on_terminal = false;
  int columns = 0;  // of that terminal; 0: unknown
  ColorEnvironment environment;
  std::function<TerminalSize()> measure =
      {};  // the size of that terminal now, which may change while we run; empty: no terminal
};

}  // namespace twctl
