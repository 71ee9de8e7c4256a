// Text of a script -> the settings of ours that it writes, with the scripts and sysctl files that it names in turn.
// Reads through HostFiles only, never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/snapshot.hpp"
#include "platform/host_files.hpp"
#include "sysctl/command_effects.hpp"

namespace twctl {

inline constexpr std::size_t kMostLaterWrites = 5000;  // of a host; real ones stay far below

// A first look: whether it is worth while to read the text as commands. It may set a setting, or names a script that
// would be followed.
[[nodiscard]] bool may_run_ours(std::string_view text);

// What it is sure to write and what it perhaps writes, each in its order.
struct ScriptWrites {
  std::vector<LaterWrite> sure;
  std::vector<LaterWrite> perhaps;
};

class ScriptReader {
 public:
  // `follows`: scripts that it runs are read too, where people put scripts of their own.
  ScriptReader(HostFiles& files, bool follows) : files_(files), deepest_(follows ? 3 : 0) {}

  // Adds what the text of `path` does. `sure`: it runs.
  void add_text(std::string_view path, std::string_view text, bool sure);

  // Adds effects that are known already, each of its own line of `path`.
  void add_effects(std::string_view path, const std::vector<CommandEffect>& effects, bool sure);

  // The lines of a sysctl file, as `sysctl -p` takes them.
  void add_sysctl_file(const std::string& path, bool sure);

  [[nodiscard]] ScriptWrites take() { return std::move(writes_); }

 private:
  void add(LaterWrite write, bool sure);
  std::string text_once_more(const std::string& path);
  void add_script(const std::string& path, bool sure);

  HostFiles& files_;
  ScriptWrites writes_;
  int deepest_;
  int depth_ = 0;     // of scripts that run scripts
  int followed_ = 0;  // files that others name
};

// A writer for what it is sure to do at `when`, and one for what it perhaps does; none for nothing.
[[nodiscard]] std::vector<LaterWriter> writers_of(ScriptWrites writes, std::string_view name, std::string_view evidence,
                                                  WriteTime when);

}  // namespace twctl
