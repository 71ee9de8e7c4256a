// A path -> an open file, one component at a time, looking at each: what openat2 does, for kernels and sandboxes
// without it, and for callers that look at the folders and links on the way.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

// What the walk passed: the root directory, each directory and link, and the file at the end.
struct PathStep {
  std::string path;  // below the root, as the host would write it
  struct stat status;
  // Its POSIX access control list as the kernel has it (system.posix_acl_access), "" for none; else why it is not
  // known.
  OrErrno<std::string> acl = {};
};

[[nodiscard]] inline bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Of what is open already, perhaps with O_PATH.
[[nodiscard]] OrErrno<PathStep> step_at(int descriptor, std::string path);

// A plain file that was found with O_PATH, opened: nothing else can have come into its place. What is none comes back
// as it is, for the caller to look at: to open a device may act on it, as a watchdog that begins to count or a tape
// that winds back. `by_name` opens the file where there is no /proc; ESTALE if that is another one.
[[nodiscard]] OrErrno<Descriptor> open_plain(Descriptor found, int flags,
                                             const std::function<OrErrno<Descriptor>()>& by_name);

// Opens `path` with "/" and ".." ending at the descriptor `root`; links are followed by their text, so that the
// kernel's magic links lead nowhere. `flags` as for openat, but what is neither a plain file nor a directory is not
// opened, as above. The steps go to `steps` unless that is null.
// Error: as openat; ELOOP after 40 links, or 10,000 folders and files looked at on the way; ESTALE if somebody changed
// the path meanwhile.
[[nodiscard]] OrErrno<Descriptor> walk(int root, std::string_view path, int flags, std::vector<PathStep>* steps);

}  // namespace twctl
