// What commands do to settings, as it is found: how sure it is by where they stand, which files the script has written
// before, and in which folder it runs them.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observe/writers/command_effect.hpp"
#include "observe/writers/printed_text.hpp"
#include "observe/writers/working_folder.hpp"

namespace twctl {

[[nodiscard]] std::string joined(ShellWords said);

// Of a script of another interpreter, or of a text for it.
[[nodiscard]] std::vector<CommandEffect> effects_of_other(std::string_view text);

class SettingEffects {
 public:
  explicit SettingEffects(WorkingFolder folder) : folder_(std::move(folder)) {}

  std::vector<CommandEffect> effects;

  void add(const ShellCommand& command, CommandEffect effect);
  // What the shell alone knows, or another program. A snapshot has it: no word of the script is in it.
  void add_not_known(const ShellCommand& command, std::string_view what);
  // The lines of a sysctl file. A value in which a shell puts something is not known.
  void add_lines(const ShellCommand& command, const ShellWord& lines, bool sure, const std::string& boot_file = {});
  // A path from the folder of a `cd` is not sure: that may have failed, or stood in a block that did not run.
  void add_script(const ShellCommand& command, const ShellWord& path, RunBy run_by);
  // What it names it may set.
  void add_other(const ShellCommand& command, std::string_view text);
  // A long text that goes to many files is as often in memory: no more of it is known than of variables.
  void add_printed(const ShellCommand& command, ShellWords targets, const ShellWord& printed, bool appends);
  // Of a program that is not known here, and names what it may have sysctl set: "systemd-cat sysctl -w", "dd
  // of=/proc/sys/...".
  void add_handed_on(const ShellCommand& command, ShellWords words);
  void read_sysctl(const ShellCommand& command, ShellWords words, const ShellWord& input);
  // systemd-sysctl(8), with files; without one it is the loader. With --prefix it writes some of their lines, with
  // --cat-config none.
  void read_systemd_sysctl(const ShellCommand& command, ShellWords words);
  // A file that the script has written has another text then, or none.
  void change_files(const ShellCommand& command, ShellWords words);
  void change_folder(const ShellCommand& command, ShellWords words);
  // "[ -e FILE ]" of a setting's file.
  void ask(ShellWords words);
  // Whether a file is known by it.
  [[nodiscard]] bool is_path(const ShellWord& word) const;
  // What it reads. A long text that is handed from command to command is as often copied.
  ShellWord given_to(const ShellCommand& command, ShellWord printed_before);

 protected:
  // The command that a shell's own text stands in.
  struct Within {
    int line = 0;  // 0: not in one
    bool sure = true;
    bool ends = true;  // a command that fails may end the script
  };
  Within within_;
  int command_ = 0;
  WorkingFolder folder_;
  std::size_t input_room_ = kMostExpanded;  // bytes, for what commands read

 private:
  void add_printed_lines(const ShellCommand& command, const std::string& path, const ShellWord& printed, bool appends);
  bool take_room(std::size_t bytes);
  void load(const ShellCommand& command, const std::string& file, const ShellWord& input);
  void add_assignment(const ShellCommand& command, const ShellWord& word, bool writes);
  bool is_too_long(const ShellCommand& command, std::string_view path);
  bool take_input(std::size_t bytes);

  bool passes_over_ = false;  // `sysctl -e`
  WrittenFiles written_;
  std::set<std::string> asked_about_;  // keys
  std::size_t room_ = kMostExpanded;   // for what is printed into files
};

}  // namespace twctl
