// The directory that a host's paths begin at: that of the running system, or the DIR of --root. It is opened once, and
// everything of the host is found beneath that descriptor, whatever becomes of its name meanwhile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "platform/host_facts.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/linux/trust.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

// A relative path is the caller's own: with the directories above the current one.
[[nodiscard]] Result<std::string> absolute(std::string_view path);

class Root {
 public:
  // Error: denied, no_input (no such directory).
  [[nodiscard]] static Result<Root> open(const std::string& path);

  // "/" by any other name ("//", "/.", a link to it) is the running system too; there the kernel resolves paths. The
  // same directory by another mount is not: other things may be mounted below it.
  [[nodiscard]] bool is_running_system() const { return running_system_; }

  // `path` as the host itself would write it: links and ".." lead to where they would if this were "/", and never out.
  // A relative one is the caller's own. Flags as for openat; errno as error.
  [[nodiscard]] OrErrno<Descriptor> open(std::string_view path, int flags) const;

  // The same of an absolute path, one component at a time; what it has passed is added to `steps`, as shown() says it.
  [[nodiscard]] OrErrno<Descriptor> walk(std::string_view path, int flags, std::vector<PathStep>& steps) const;

  // A directory that twctl is to write in. `distrust` says why it must not: somebody else could change what is in it,
  // or put another into its place; or it is the running system's, mounted below DIR.
  struct Folder {
    Descriptor directory;
    Distrust distrust;
  };
  [[nodiscard]] OrErrno<Folder> open_folder(std::string_view path) const;

  // Of a directory that has been opened already, which lies at `path`.
  [[nodiscard]] Distrust why_distrusted(int directory, std::string_view path) const;

  // Of those reasons only that it is the running system's.
  [[nodiscard]] Distrust why_not_its_own(int directory, std::string_view path) const;

  // As a person outside of it would type `path`: "/mnt/image/etc".
  [[nodiscard]] std::string shown(std::string_view path) const { return prefix_ + std::string(path); }

  [[nodiscard]] HostRoot identity(const std::string& boot_id) const;

 private:
  Root(Descriptor directory, bool running_system, std::string prefix)
      : directory_(std::move(directory)), running_system_(running_system), prefix_(std::move(prefix)) {}

  Descriptor directory_;
  bool running_system_;
  std::string prefix_;
};

}  // namespace twctl
