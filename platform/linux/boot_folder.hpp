// The two directories that the boot files of twctl lie in, /etc/sysctl.d and /etc, beneath a host's root; and whether a
// file there could be replaced.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "platform/boot_file_store.hpp"
#include "platform/linux/root.hpp"

namespace twctl {

// A boot file that twctl may write: its directory, seen from /etc, and its name there.
struct BootPlace {
  std::string_view path;
  const char* directory;
  const char* name;
};
inline constexpr std::array kBootPlaces{BootPlace{kOwnBootFile, "sysctl.d", "60-twctl.conf"},
                                        BootPlace{kSysctlConf, ".", "sysctl.conf"}};

class BootFolders {
 public:
  explicit BootFolders(const Root& root) : root_(root) {}

  // A closed descriptor where the directory is missing. ENOTDIR for a file or a link in the place of sysctl.d; EXDEV
  // for the running system's own, mounted below another root.
  [[nodiscard]] OrErrno<Descriptor> find(const BootPlace& place);
  // The same. Error: denied or failed, with the directory's path.
  [[nodiscard]] Result<Descriptor> open(const BootPlace& place);

  // Makes it where it is missing, 0755 and on disk. Error: denied, failed.
  [[nodiscard]] Result<void> make(const BootPlace& place);

  // Takes away what make() has made, in this run or an earlier one, if it is the very one still and nothing is in it.
  void take_back();

  [[nodiscard]] RoomNeeded::Staged to_stage(const BootPlace& place, std::size_t bytes);  // see BootFileStore

  // See BootFileStore::check_writable(). By looking alone.
  [[nodiscard]] Result<std::string> check_writable(const BootPlace& place, std::optional<std::size_t> bytes);

 private:
  [[nodiscard]] OrErrno<int> etc();
  [[nodiscard]] tl::unexpected<Error> no_etc(int error) const;
  [[nodiscard]] Result<void> check_trust(const BootPlace& place, int directory) const;

  const Root& root_;
  std::optional<Root::Folder> etc_;  // /etc, opened and judged once
  Distrust foreign_ = {};            // why what was looked for last is not the host's own
  ino_t made_ = 0;                   // by this run; 0: none
};

// What is said of a boot file that cannot be used: denied or failed, with the system's reason.
[[nodiscard]] tl::unexpected<Error> cannot_use(std::string_view path, int error);

// Of its new content, which could not be made.
[[nodiscard]] tl::unexpected<Error> not_prepared(std::string_view path, int error);

// A plain file of a folder, opened to be read, by no link. To open a device may act on it, so what is none is only
// looked at.
[[nodiscard]] OrErrno<Descriptor> open_plain_in(int directory, const std::string& name);

// Error: denied, where the open file is no plain one with one name.
[[nodiscard]] Result<void> check_plain(int file, std::string_view path);

}  // namespace twctl
