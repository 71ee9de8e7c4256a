// How a command of a shell script ends, as far as its text alone tells: `[ -e /proc/sys/... ]`, a test for root,
// `true`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/shell_command.hpp"

namespace twctl {

struct ShellOutcome {
  enum class Is { unknown, yes, no, if_file };  // the last: yes exactly where `file` is there
  Is is = Is::unknown;
  std::string file = {};
};

// Below /proc, where a write may fail.
[[nodiscard]] bool is_file_of_kernel(std::string_view path);

// What boots run is run by root. What cannot be told is unknown.
[[nodiscard]] ShellOutcome outcome_of(const std::vector<ShellWord>& words);

[[nodiscard]] ShellOutcome negated(const ShellOutcome& outcome);

// How one comes to a command, or to a branch: by an outcome that is wanted to be yes, or no.
struct ShellReach {
  bool certain = true;       // it runs whenever what is around it does, but for `only_if`
  bool dead = false;         // it never does
  std::string only_if = {};  // a file: it runs where that is there; "" for none
};
[[nodiscard]] ShellReach reached_by(const ShellOutcome& outcome, bool wanted);

// Of something that is reached through both.
[[nodiscard]] ShellReach both(ShellReach outer, const ShellReach& inner);

}  // namespace twctl
