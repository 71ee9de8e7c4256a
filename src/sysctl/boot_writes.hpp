// Files in a loader's order -> the lines about settings of ours, and what the loader writes to the kernel for them, in
// its order. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/setting.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

// A line that sets settings of ours, or keeps globs off them.
struct SourceLine {
  const BootConfig::File* file = nullptr;
  const Assignment* assignment = nullptr;
  std::vector<const Setting*> about = {};  // not empty, by name
  bool read_again = false;                 // the file is read once more later, through a link or by itself
  bool supposed = false;                   // it is not there yet
};

// A line that the loader passes over with a complaint, and that means a setting of ours.
struct PassedOverLine {
  const BootConfig::File* file = nullptr;
  const BadLine* bad = nullptr;
  const Setting* meant = nullptr;
  bool read_again = false;
};

struct SourceLines {
  std::vector<SourceLine> lines;  // in reading order
  std::vector<PassedOverLine> passed_over;
};
[[nodiscard]] SourceLines lines_of(const BootFiles& order, Loader loader);

struct BootWrite {
  std::size_t line = 0;   // which of the lines
  std::size_t about = 0;  // which of the settings that it is about
};
[[nodiscard]] std::vector<BootWrite> writes_of(const std::vector<SourceLine>& lines, Loader loader);

}  // namespace twctl
