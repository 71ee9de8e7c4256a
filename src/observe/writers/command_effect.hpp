// What one command does to settings.
#pragma once

#include <string>
#include <string_view>

#include "formats/shell.hpp"

namespace twctl {

struct CommandEffect {
  enum class Kind {
    writes,       // `key` gets `value`
    reads_file,   // `sysctl -p FILE`: what `path` says is written
    reads_all,    // `sysctl --system`: every boot file is read once more, as procps reads them
    runs_script,  // perhaps of the shell; `path`
    not_known,    // it may write, and what only the running program knows; `value` says it
  };
  Kind kind = Kind::writes;
  std::string key = {};    // dotted
  std::string value = {};  // raw; "" where only the running shell knows it
  std::string path = {};   // absolute; of `writes`: the boot file into which a line is written, for a later boot
  int line = 0;
  bool sure = true;              // as of ShellCommand
  bool if_there = false;         // not sure, and the script has asked before whether the key is there
  bool ends_script = false;      // where it fails, as of ShellCommand
  int command = 0;               // which of the script's commands does it, from 1
  RunBy run_by = RunBy::itself;  // of a script that it runs
  friend bool operator==(const CommandEffect&, const CommandEffect&) = default;
};

// Of one script. More are not read than one, by which whoever asks sees it.
inline constexpr std::size_t kMostEffects = 100'000;

// Of a script with more commands than these, whatever they do, no more is read either, and that shows in the same way.
inline constexpr std::size_t kMostShellCommands = 250'000;

// Of what a script loads or runs, or of the folder where it does so, bytes: it is kept with each effect. What is done
// with a longer one is not known.
inline constexpr std::size_t kLongestPath = 255;
inline constexpr std::string_view kOfLongPath = "what is done with a path of more than 255 bytes";

// Whether it is worth while to read the text: it names `sysctl` or /proc/sys.
[[nodiscard]] bool may_set_settings(std::string_view text);

}  // namespace twctl
