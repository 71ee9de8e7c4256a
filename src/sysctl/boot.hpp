// Boot files + loader -> what the next boot sets each key to, and which line of which file decides. Pure.
// Order, masking by name, globs, exclusions and duplicates as systemd-sysctl(8) and `sysctl --system` do it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"
#include "platform/durable_store.hpp"
#include "platform/host_facts.hpp"
#include "sysctl/assignments.hpp"
#include "sysctl/command_line.hpp"

namespace twctl {

// A name in a boot directory that some loader may read (it ends in ".conf"; a hidden one is read by procps), or
// /etc/sysctl.conf. Whatever it is, it masks the same name in later directories: a directory, a dangling link and an
// unreadable file are listed too, with `problem`; so is a boot directory that cannot be listed. A symbolic link is
// listed under its own name and place with the bytes of what it leads to in the end; that is a BootFile of its own only
// if it has such a name too. The kernel's command line is one as well, under the name kKernelCommandLine, where the
// kernel reads settings from it.
struct BootFile {
  std::string path;              // "/etc/sysctl.d/99-sysctl.conf"
  std::string link_target = {};  // as written in the link ("../sysctl.conf"); "" if it is no link. "/dev/null" masks
  std::string bytes = {};        // of the file, or of the link's final target; "" for a mask
  std::string problem = {};      // why there are no bytes ("dangling link", "Is a directory"); "" if they could be read
  friend bool operator==(const BootFile&, const BootFile&) = default;
};

// The directories in the order in which a file's name in one masks the same name in the later ones.
[[nodiscard]] std::span<const std::string_view> boot_directories();

// The boot files with each one's text read as either loader reads it. Made once, asked for many keys.
struct BootConfig {
  struct File {
    std::string path;
    std::string link_target = {};
    std::string problem = {};
    AssignmentFile systemd = {};
    AssignmentFile procps = {};
  };
  std::vector<File> files;                    // one for each BootFile, in their order
  std::vector<Assignment> command_line = {};  // what the kernel itself writes before any file is read
  // Which of `files` a loader reads, in its order.
  std::vector<std::size_t> systemd_order = {};
  std::vector<std::size_t> procps_order = {};
};
[[nodiscard]] BootConfig parse_boot_files(std::span<const BootFile> files);

// The paths that `loader` reads, in the order in which it reads them; masked ones are left out.
[[nodiscard]] std::vector<std::string> reading_order(const BootConfig& config, Loader loader);

// `where` names the file to edit: what a link points to, not the link.
struct BootLine {
  std::string key;    // as written there, dotted (may be a glob: one never makes a key that the kernel lacks)
  std::string value;  // raw
  Place where;
  friend bool operator==(const BootLine&, const BootLine&) = default;
};

struct BootOutcome {
  std::optional<std::string> value;  // after all files; nullopt: no file sets it to anything valid (kernel's default)
  std::optional<Place> decided_by;   // the line that set `value`
  std::vector<BootLine> losers;      // lines for this key that another one overrides, in reading order
  std::vector<std::string> notes;    // printable: lines without effect, with the reason and file:line
  // The last line for this very key, where it is why no line decides or not the last one: an exclusion (`-key`), or a
  // value that the kernel refuses.
  std::optional<Place> excluded_by = {};
  std::optional<Place> refused_at = {};
  friend bool operator==(const BootOutcome&, const BootOutcome&) = default;
};

// `initial` is the kernel's own default, where known ("" else): a one-number port range builds on it. Where only the
// kernel's command line sets the key, that is what decides: its place has no line.
// Of the keys that the kernel holds to each other (ip_local_port_range starts at or above ip_unprivileged_port_start)
// the other one is replayed along with it.
[[nodiscard]] BootOutcome boot_outcome(const Setting& setting, const BootConfig& config, Loader loader,
                                       std::string_view initial);

// As boot_outcome for one file alone, wherever it lies: what `sysctl -p FILE` sets.
[[nodiscard]] BootOutcome file_outcome(const Setting& setting, const BootConfig::File& file, Loader loader,
                                       std::string_view initial);

// A line that is not there yet, for the setting that is asked about: `key = value` in place of the lines that `file`
// has for the key itself (at its end if it has none), or with nullopt no such line any more. A file that does not
// exist yet takes its place in the order by its name. The supposed line itself is not held to the other key of such a
// pair: a plan may change both, and the hazard `ports-privileged` is about that.
struct SupposedLine {
  std::string_view file;
  std::optional<std::string> value;
};

// As boot_outcome, were `supposed` true. How a plan learns whether its own line would win.
[[nodiscard]] BootOutcome boot_outcome_with(const Setting& setting, const BootConfig& config, Loader loader,
                                            std::string_view initial, const SupposedLine& supposed);

// Whether `loader` reads that path, or would if it were there (Debian 13 no longer reads /etc/sysctl.conf).
[[nodiscard]] bool reads_file(const BootConfig& config, Loader loader, std::string_view path);

// Every line of every file that any loader reads whose key is or matches `key`, in reading order.
[[nodiscard]] std::vector<BootLine> lines_for(std::string_view key, const BootConfig& config);

}  // namespace twctl
