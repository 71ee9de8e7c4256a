// The host's files, read-only, below the root that the user chose. Paths are absolute as the host itself would
// write them ("/etc/sysctl.conf"); links are resolved below the root too.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace twctl {

// A file whose content came from a user or an administrator, read through one descriptor.
struct TrustedBytes {
  std::string bytes;
  std::string
      distrust;      // why somebody else could have changed it ("/tmp/x.ini is writable by others"); "" if nobody could
  std::string mend;  // the command that mends it; "" with no distrust
  std::string closing = {};  // one that mends it where it lies; "" where `mend` has to do
};

inline constexpr std::size_t kMostNames = 10'000;  // of a folder; of units a large host has some hundreds

class HostFiles {
 public:
  HostFiles() = default;
  HostFiles(const HostFiles&) = delete;
  HostFiles& operator=(const HostFiles&) = delete;
  virtual ~HostFiles() = default;

  // nullopt: no such file. Error: denied, no_input (a directory, a FIFO, an I/O error) or invalid (over `limit`).
  [[nodiscard]] virtual Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) = 0;

  // Names in a directory, sorted by byte; empty if there is no such directory. Error: denied, no_input; invalid for
  // more than kMostNames.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(std::string_view directory) = 0;

  // The same of a folder that may have any number, as of a fleet's snapshots.
  [[nodiscard]] virtual Result<std::vector<std::string>> list_all(std::string_view directory) {
    return list(directory);
  }

  // Most who list a folder go on without one that they cannot list. Error: the first that had too many names.
  [[nodiscard]] virtual Result<void> check_listed() { return {}; }

  // Where a symbolic link points, as written in it; nullopt if `path` is no link.
  [[nodiscard]] virtual std::optional<std::string> link_target(std::string_view path) = 0;

  [[nodiscard]] virtual bool exists(std::string_view path) = 0;

  // A regular file that somebody may execute.
  [[nodiscard]] virtual bool executable(std::string_view path) = 0;

  // A file that the user named or that lies in a profile directory: as read(), and who else could have changed it.
  // A relative path is the caller's own, whatever the root. Error: no_input where it is missing.
  [[nodiscard]] virtual Result<TrustedBytes> read_profile(std::string_view path, std::size_t limit) = 0;

  // Replaces `path` (a user's own output file: a saved plan, a snapshot) as a whole or not at all. Error: output.
  [[nodiscard]] virtual Result<void> write_output(std::string_view path, std::string_view bytes) = 0;
};

// The whole of a text file of up to `limit` bytes; "" where it is missing, larger or not ours to read.
[[nodiscard]] inline std::string text_of(HostFiles& files, std::string_view path, std::size_t limit = 1024 * 1024) {
  auto text = files.read(path, limit);
  return text && *text ? **std::move(text) : std::string();
}

// Where systemd looks for units: of one name the first counts (systemd.unit(5)). The last one is /usr/lib's where /lib
// is a link.
inline constexpr std::array<std::string_view, 5> kUnitFolders{"/etc/systemd/system", "/run/systemd/system",
                                                              "/usr/local/lib/systemd/system",
                                                              "/usr/lib/systemd/system", "/lib/systemd/system"};

// Where a host has its kernels' modules: a tree without the link /lib has them in the second only.
inline constexpr std::array<std::string_view, 2> kModuleFolders{"/lib/modules", "/usr/lib/modules"};

// The releases of those kernels ("6.1.0-30-amd64"), in byte order.
[[nodiscard]] inline std::vector<std::string> installed_kernels(HostFiles& files) {
  std::vector<std::string> releases;
  for (std::size_t i = 0; i < kModuleFolders.size() && releases.empty(); ++i) {
    releases = files.list(kModuleFolders[i]).value_or(std::vector<std::string>{});
  }
  return releases;
}

// Where profiles are looked for by name, before those that are built in.
[[nodiscard]] std::vector<std::string> profile_directories();

}  // namespace twctl
