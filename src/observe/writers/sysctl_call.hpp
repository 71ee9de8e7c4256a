// The words of a call of sysctl(8) -> what it is to do. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "observe/writers/printed_text.hpp"

namespace twctl {

struct SysctlCall {
  bool reads_all = false;                       // --system
  bool writes = false;                          // -w, which a KEY=VALUE does without
  bool ignores = false;                         // -e: over a key that is not there it ends with 0
  std::vector<std::string_view> files = {};     // of -p
  std::vector<const ShellWord*> settings = {};  // what stands there as KEY=VALUE, or where one is wanted
};

// What it refers to lives as long as `words`. A dry run does nothing.
[[nodiscard]] SysctlCall sysctl_call(ShellWords words);

// "$SYSCTL -w KEY=VALUE", where the program's name is not known.
[[nodiscard]] bool looks_like_sysctl(std::span<const ShellWord> words);

}  // namespace twctl
