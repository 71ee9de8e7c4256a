// Boot files + loader + kernel -> what the next boot sets each setting of the catalogue to, which line decides, and
// what becomes of every other line. Pure; computed, not run (tests/kernel/loaders_test.cpp holds it to both loaders).
// Globs, exclusions and duplicates are as systemd-sysctl(8) and `sysctl --system` take them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sysctl/boot.hpp"
#include "sysctl/boot_writes.hpp"
#include "sysctl/kernel_cells.hpp"

namespace twctl {

// `where` names the file to edit: what a link points to, not the link.
struct BootLine {
  std::string key;    // as written there, dotted (may be a glob, which matches only keys that the kernel has)
  std::string value;  // raw
  Place where;
  friend bool operator==(const BootLine&, const BootLine&) = default;
};

// What becomes of a line.
enum class Fate {
  taken,              // the kernel has its value, unless a later line overrides it
  refused,            // the kernel refuses the value
  not_written,        // the loader passes it over for another line
  not_an_assignment,  // to the loader it is no assignment of the setting
  removed,            // the kernel has no such setting any more
  not_there,          // the kernel has no such setting for another reason
};

// What one loader makes of one line about a setting.
struct LineFate {
  BootLine line;
  Fate fate = Fate::not_written;
  std::optional<Value> value = {};  // once taken
  std::string note = {};            // printable: why it is not taken, or what is read otherwise than it looks
  bool clashes = false;             // refused for the value of another setting, which the kernel holds it to
  bool wildcard = false;            // it means the setting by a wildcard
  bool ignores_errors = false;      // "-key = value"
  bool decides = false;             // the setting ends with its value
  bool read_again = false;          // its file is read once more later, through a link or by itself
};

// Of a line, or the kernel's command line. `text` is printable.
struct LineNote {
  Place where;
  std::string text;
  friend bool operator==(const LineNote&, const LineNote&) = default;
};
[[nodiscard]] std::string to_text(const LineNote& note);  // "FILE:LINE: text"

// What one loader leaves a setting with.
struct BootOutcome {
  std::optional<Value> value;       // after all files; nullopt: no line sets it to anything valid (kernel's default)
  std::optional<Place> decided_by;  // the line that set `value`; the kernel's command line has no line number
  std::vector<LineFate> lines;      // about the setting, in reading order; those that assign nothing come last
  std::vector<LineNote> notes;      // lines without effect, with the reason
  // Set where it is the reason that no line, or not the last one, decides: the last line for this very key, if that is
  // an exclusion (`-key`) or has a value that the kernel refuses.
  std::optional<Place> excluded_by = {};
  std::optional<Place> refused_at = {};
};

// A line that is not there yet, for the setting that is asked about: `key = value` in place of the lines that `file`
// has for the key itself (at its end if it has none), or with nullopt no such line any more. A file that does not
// exist yet takes its place in the order by its name. Two settings limit each other (ip_local_port_range and
// ip_unprivileged_port_start); that limit is not applied to the supposed line, because a plan may change both. The
// hazard `ports-privileged` is about that.
struct SupposedLine {
  std::string_view file;
  std::optional<std::string> value;
};

// One loader that has read the files in its order and written to the kernel: replayed once, for every setting.
// It points into the files of `config`, which outlive it.
class LoaderReplay {
 public:
  LoaderReplay(const BootConfig& config, Loader loader, KernelStart start);

  // Settings that the kernel holds to each other are replayed as it does.
  [[nodiscard]] const BootOutcome& outcome(const Setting& setting) const;

  // The same, were `supposed` true. How a plan learns whether its own line would win.
  [[nodiscard]] BootOutcome outcome_with(const Setting& setting, const SupposedLine& supposed) const;

 private:
  BootFiles all_files_;
  BootFiles files_read_;  // in order
  std::vector<Assignment> command_line_;
  Loader loader_;
  KernelStart start_;
  SourceLines read_;
  std::map<std::string_view, BootOutcome> outcomes_;  // by key; of settings that some line is about
};

// The boot files of a host, and what both loaders make of them.
struct BootReplay {
  BootReplay(BootConfig files, KernelStart start);
  BootReplay(BootReplay&&) = default;  // the files keep their addresses: the replays point to them

  [[nodiscard]] const LoaderReplay& by(Loader loader) const { return loader == Loader::procps ? procps : systemd; }

  // Every line of every file that any loader reads which sets the setting, in reading order; exclusions left out.
  [[nodiscard]] std::vector<BootLine> lines_for(const Setting& setting) const;

  BootConfig config;
  LoaderReplay systemd;
  LoaderReplay procps;
};

}  // namespace twctl
