// Text of a script -> the settings of ours that it writes, with the scripts and sysctl files that it names in turn.
// Reads through HostFiles only, never fails.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "observe/snapshot.hpp"
#include "observe/writers/command_effects.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// Of all that runs after the boot files of a host together; real ones stay far below. A script counts as text once, its
// commands each time that something runs it: three of a hundred lines each, which run one another, come to a million.
inline constexpr std::size_t kMostLaterWrites = 5000;
inline constexpr std::size_t kMostLaterCommands =
    kMostEffects;  // a line of a sysctl file that `sysctl -p` reads is one
inline constexpr std::size_t kMostLaterText = std::size_t{4} * 1024 * 1024;  // bytes
inline constexpr std::size_t kMostForeignKeys = 1000;  // that are looked at for a slip, which takes its time
inline constexpr std::size_t kMostScript = std::size_t{1024} * 1024;  // bytes; what is larger is taken for a program
inline constexpr std::size_t kMostRunningScripts = 32;                // of which each has been run by the one before it

// A first look: whether it is worth while to read the text as commands. It may set a setting, or names a script that
// would be followed.
[[nodiscard]] bool may_run_ours(std::string_view text);

// Why more may be written than is known (LaterWriter::unread).
[[nodiscard]] std::string not_read(std::string_view path);

// Whether the folder of `path` has it; false also where that folder may not be read.
[[nodiscard]] bool is_listed(HostFiles& files, const std::string& path);

// The scripts and sysctl files of one host that others name, each read once, and how much all of its commands are. Over
// a limit nothing more is read.
class LaterScripts {
 public:
  explicit LaterScripts(HostFiles& files) : files_(files) {}

  [[nodiscard]] HostFiles& files() const { return files_; }

  // The text of a file; "" where it is missing or no text. One that is there, and that this run may not read, is
  // remembered.
  [[nodiscard]] std::string read(const std::string& path);
  [[nodiscard]] bool is_closed(const std::string& path) const { return closed_.contains(path); }

  // What the script does. Nothing where it is missing or no script, or does nothing that counts.
  [[nodiscard]] const std::vector<CommandEffect>& effects_of_script(const std::string& path, RunBy run_by);

  // The settings that `sysctl -p` of the file writes.
  [[nodiscard]] const std::vector<LaterWrite>& writes_of_file(const std::string& path);

  // Whether `sysctl -p` of the file writes that value, or with "" any, to the key.
  [[nodiscard]] bool has_line(const std::string& path, std::string_view key, std::string_view value);

  // Empty where it is no folder, or may not be read.
  [[nodiscard]] const std::vector<std::string>& names_in(const std::string& folder);

  // As the catalogue has it; a slip as it is written. "" for what is none of ours.
  [[nodiscard]] std::string key_to_keep(const std::string& written);

  // Whether so much more may be read, or done: it is counted.
  [[nodiscard]] bool take_text(std::size_t bytes) { return take(text_, bytes, kMostLaterText); }
  [[nodiscard]] bool take_commands(std::size_t count) { return take(commands_, count, kMostLaterCommands); }
  [[nodiscard]] bool take_write() { return take(writes_, 1, kMostLaterWrites); }

  // Over another limit: "has ...", what cannot be judged.
  void refuse(std::string what);

  // Error: invalid, and names the limit that something was over.
  [[nodiscard]] Result<void> within_limits() const;

 private:
  bool take(std::size_t& so_far, std::size_t more, std::size_t limit) {
    if (!over_) over_ = (so_far += more) > limit;
    return !over_;
  }

  HostFiles& files_;
  std::map<std::pair<std::string, RunBy>, std::vector<CommandEffect>> scripts_;  // by path
  std::map<std::string, std::vector<LaterWrite>> sysctl_files_;
  using Lines = std::set<std::pair<std::string_view, std::string_view>>;  // key and value, of sysctl_files_
  std::map<std::string, Lines> lines_;
  std::map<std::string, std::vector<std::string>> folders_;
  std::map<std::string, bool> meant_for_ours_;  // by a key that the catalogue does not have
  std::set<std::string> closed_;
  std::size_t text_ = 0;
  std::size_t commands_ = 0;
  std::size_t writes_ = 0;
  std::string refused_;
  bool over_ = false;  // one of the limits
};

// Error: invalid, for more than kMostLaterWrites.
[[nodiscard]] Result<void> check_later_writes(std::size_t writes);

// What it is sure to write and what it perhaps writes, each in its order.
struct ScriptWrites {
  std::vector<LaterWrite> sure;
  std::vector<LaterWrite> perhaps;
  std::string unread = {};  // printable: why more may be written, the first reason of several; "" for none
};

class ScriptReader {
 public:
  // `follows`: scripts that it runs are read too, where people put scripts of their own.
  ScriptReader(LaterScripts& scripts, bool follows) : scripts_(scripts), follows_(follows) {}

  // Adds what the text of `path` does. `sure`: it runs.
  void add_text(std::string_view path, std::string_view text, bool sure);

  // Adds effects that are known already, each of its own line of `path`. Those that end a script end also what is
  // added later, up to take().
  void add_effects(std::string_view path, const std::vector<CommandEffect>& effects, bool sure);

  // The lines of a sysctl file, as `sysctl -p` takes them.
  void add_sysctl_file(const std::string& path, bool sure);

  // What `path` does is not known, if this run may not read it.
  void add_if_closed(const std::string& path);

  // What is added from now on runs in another network namespace: its values below net are not this host's.
  void leave_network() { other_network_ = true; }

  // What is added from now on runs whatever became of what has been.
  void begin_another() {
    end(ends_);
    ends_.clear();
  }

  [[nodiscard]] ScriptWrites take() {
    end(ends_);
    return std::move(writes_);
  }

 private:
  using Ends = std::vector<std::size_t>;  // of the sure writes: those at which what is being read ends, if refused

  void add(LaterWrite write, bool sure, bool ends, Ends& here);
  void add_script(const CommandEffect& run, bool sure, Ends& here);
  void add_not_known(const Place& where, std::string_view what);
  [[nodiscard]] bool stands_there(const CommandEffect& line);
  void add_sysctl_file(const std::string& path, bool sure, bool ends, Ends& here);
  void add_all(std::string_view path, const std::vector<CommandEffect>& effects, bool sure, Ends& here);
  void end(const Ends& here);

  LaterScripts& scripts_;
  ScriptWrites writes_;
  bool follows_;
  bool other_network_ = false;
  int step_ = 0;
  Ends ends_;                              // of the whole
  std::vector<std::string_view> running_;  // paths; one that runs itself does nothing new
};

// A writer for what it is sure to do at `when`, and one for what it perhaps does; none for nothing.
[[nodiscard]] std::vector<LaterWriter> writers_of(ScriptWrites writes, std::string_view name, std::string_view evidence,
                                                  WriteTime when);

}  // namespace twctl
