// Text of systemd's units -> the settings that count for what a boot runs of them, and what these say (systemd.unit(5),
// systemd.service(5), systemd.exec(5)). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/shell_command.hpp"

namespace twctl {

// The unit's own file, or a drop-in of it.
struct UnitFile {
  std::string path;
  std::string text;
};

// One setting of a unit file; a line that ends in a backslash goes on.
struct UnitLine {
  std::string_view section;
  std::string_view key;
  std::string value;
  std::string_view path;
  int line = 0;  // where it begins
};

// Of all files together, in their order. An empty value takes back what the lines before it said. What they say is a
// view of the files.
[[nodiscard]] std::vector<UnitLine> unit_lines(const std::vector<UnitFile>& files);

// A first look, beside may_run_ours() of script_writes.hpp: it names other units, or has a text that none can see.
[[nodiscard]] bool names_others(std::string_view unit_text);

// The commands in the order in which systemd runs them, whatever their order in the file. Those of another time than
// the start may run: where the unit is reloaded, or as soon as it has done its work.
[[nodiscard]] std::vector<UnitLine> commands_of(const std::vector<UnitLine>& lines);
[[nodiscard]] bool is_start_command(const UnitLine& line);

// Where the commands are run, what they read and where they print, as the unit has it; "" for no file.
struct UnitStreams {
  std::string_view folder = "/";        // WorkingDirectory=
  bool folder_may_lack = false;         // and they are run all the same
  std::string_view output_file = {};    // StandardOutput=
  std::string_view input_file = {};     // StandardInput=
  std::optional<ShellWord> input = {};  // StandardInputText= and StandardInputData=
  [[nodiscard]] std::size_t size() const {
    return folder.size() + output_file.size() + input_file.size() + (input ? input->text.size() : 0);
  }
};
[[nodiscard]] UnitStreams streams_of(const std::vector<UnitLine>& lines);

// It may keep the commands from being run, or from writing to the kernel's settings.
[[nodiscard]] bool is_condition(const UnitLine& line);
// The commands run in a network namespace of their own, whose values are not this host's (systemd.exec(5)).
[[nodiscard]] bool leaves_network(const UnitLine& line);
// Units that are started with this one.
[[nodiscard]] bool pulls_in(const UnitLine& line);

// Perhaps before the boot files are read: early units say when they run themselves.
[[nodiscard]] bool is_early(const std::vector<UnitLine>& lines);

// A service of another type than oneshot has one command, or systemd does not take it (systemd.service(5)).
[[nodiscard]] bool is_refused(const std::vector<UnitLine>& lines);

// Of a timer, a path or a socket: the units that it starts, as it names them; "" among them for the service of its own
// name, and "@" for the template of that (Unit= of systemd.timer(5) and systemd.path(5), Service= and Accept= of
// systemd.socket(5)).
[[nodiscard]] std::vector<std::string> units_started_by(const std::vector<UnitLine>& lines);

}  // namespace twctl
