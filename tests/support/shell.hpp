// A shell command -> what it wrote and its exit code. For tests of scripts and documents; tests of the program call
// cli::run().
#pragma once

#include <string>

namespace twctl::test {

struct ShellResult {
  int code = -1;       // 128 + n where signal n ended it
  std::string output;  // stdout, and stderr only where the command sends it there
};

[[nodiscard]] ShellResult shell(const std::string& command);

// Everything in one file; fails the test where it cannot be read.
[[nodiscard]] std::string file_content(const std::string& path);

}  // namespace twctl::test
