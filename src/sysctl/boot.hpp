// Boot files + loader -> what the next boot sets each key to, and which line of which file decides. Pure.
// Order, masking by name, globs, exclusions and duplicates as systemd-sysctl(8) and `sysctl --system` do it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

// A file that some loader reads, or one that masks another by its name.
struct BootFile {
  std::string path;         // "/etc/sysctl.d/99-sysctl.conf"
  std::string link_target;  // as written in the link; "" if it is no link. "/dev/null" masks
  std::string bytes;        // "" for a mask
  std::string problem;      // why it could not be read; "" if it could
  friend bool operator==(const BootFile&, const BootFile&) = default;
};

inline constexpr std::string_view kOwnBootFile = "/etc/sysctl.d/60-twctl.conf";
inline constexpr std::string_view kSysctlConf = "/etc/sysctl.conf";

// The directories in the order in which a file's name in one masks the same name in the later ones.
[[nodiscard]] std::span<const std::string_view> boot_directories();

// The files that `loader` reads, in the order in which it reads them; masked ones are left out.
[[nodiscard]] std::vector<const BootFile*> reading_order(std::span<const BootFile> files, Loader loader);

struct BootLine {
  std::string key;    // as written there, dotted (may be a glob)
  std::string value;  // raw
  Place where;
  friend bool operator==(const BootLine&, const BootLine&) = default;
};

struct BootOutcome {
  std::optional<std::string> value;  // after all files; nullopt: no file sets it to anything valid (kernel's default)
  std::optional<Place> decided_by;   // the line that set `value`
  std::vector<BootLine> losers;      // lines for this key that another one overrides, in reading order
  std::vector<std::string> notes;    // lines without effect, with the reason and file:line
  friend bool operator==(const BootOutcome&, const BootOutcome&) = default;
};

// `initial` is the kernel's own default, where known ("" else): a one-number port range builds on it.
[[nodiscard]] BootOutcome boot_outcome(const Setting& setting, std::span<const BootFile> files, Loader loader,
                                       std::string_view initial);

// As boot_outcome, had `file` also the line `key = value` at its end (or no such line any more, with nullopt).
// How a plan learns whether its own line would win.
[[nodiscard]] BootOutcome boot_outcome_with(const Setting& setting, std::span<const BootFile> files, Loader loader,
                                            std::string_view initial, std::string_view file,
                                            const std::optional<std::string>& value);

// Every line of every file that any loader reads whose key is or matches `key`.
[[nodiscard]] std::vector<BootLine> lines_for(std::string_view key, std::span<const BootFile> files);

}  // namespace twctl
