// The real program in a process of its own -> what it wrote, how it ended and what it cost.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace twctl::test {

struct Program {
  std::vector<std::string> args;                             // without the program's name
  std::vector<std::string> environment = {"PATH=/usr/bin"};  // the whole of it
  std::function<void()> prepare = {};                        // in the child, just before it becomes the program
  std::string path = TWCTL_PROGRAM;
};

struct Finished {
  int code = -1;  // 128 + n where signal n ended it; SIGALRM after 10 s
  std::string out;
  std::string err;
  double seconds = 0;
  long peak_kib = 0;  // never less than the program's own peak: what the test program had at the fork counts too
};

[[nodiscard]] Finished run_program(const Program& program);

// Its descriptors 1 and 2 are pipes or files as the test's `prepare` makes them; these two are the common ones.
void close_descriptor(int descriptor);
void point_descriptor_at(int descriptor, const char* path);

// Nothing in it can act on a terminal: printable letters and newlines.
[[nodiscard]] bool is_printable(const std::string& text);

}  // namespace twctl::test
