#include "platform/posix/durable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/posix/directory.hpp"

namespace twctl {
namespace {

tl::unexpected<int> system_error() { return tl::unexpected<int>(errno); }

OrErrno<void> check(int result) {
  if (result < 0) return system_error();
  return {};
}

// close(2) can be the first to tell of a lost write.
OrErrno<void> close_checked(Descriptor descriptor) { return check(::close(descriptor.release())); }

constexpr int kDeepest = 32;  // folders within each other; each costs a descriptor

OrErrno<void> remove_at(int directory, const std::string& name, int depth);

OrErrno<void> remove_directory(int directory, const std::string& name, int depth) {
  if (depth == kDeepest) return tl::unexpected<int>(ENOTEMPTY);
  const Descriptor inside(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inside) return system_error();
  const OrErrno<std::vector<std::string>> names = names_in(inside.get());
  if (!names) return tl::unexpected<int>(names.error());
  for (const std::string& file : *names) {
    if (const OrErrno<void> gone = remove_at(inside.get(), file, depth + 1); !gone) return gone;
  }
  return check(::unlinkat(directory, name.c_str(), AT_REMOVEDIR));
}

OrErrno<void> remove_at(int directory, const std::string& name, int depth) {
  struct stat status = {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return errno == ENOENT ? OrErrno<void>() : OrErrno<void>(system_error());
  }
  if (S_ISDIR(status.st_mode)) return remove_directory(directory, name, depth);
  return check(::unlinkat(directory, name.c_str(), 0));
}

}  // namespace

// Each file begins a block anew. What a file system does not count is 0 in all: btrfs its files, a tmpfs without a
// limit its blocks too.
OrErrno<void> check_room(int directory, const std::vector<std::size_t>& sizes, SmallOnes small_ones) {
  std::size_t longest = 1;  // a small one is not empty
  std::size_t bytes = 0;
  for (const std::size_t size : sizes) {
    longest = std::max(longest, size);
    bytes += size;
  }
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < longest) return tl::unexpected<int>(EFBIG);
  struct statvfs system = {};
  if (::fstatvfs(directory, &system) < 0) return {};
  const bool has_files = system.f_files == 0 || system.f_ffree >= sizes.size() + small_ones.files;
  const bool has_blocks =
      system.f_blocks == 0 || system.f_bfree >= bytes / system.f_frsize + sizes.size() + small_ones.blocks;
  return has_files && has_blocks ? OrErrno<void>() : tl::unexpected<int>(ENOSPC);
}

std::string file_system_of(int directory) {
  struct stat status = {};
  return ::fstat(directory, &status) == 0 ? fmt::to_string(status.st_dev) : "";
}

OrErrno<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

OrErrno<void> sync(int descriptor) { return check(::fsync(descriptor)); }

OrErrno<void> create_synced(int directory, const std::string& name, std::string_view bytes,
                            const std::function<OrErrno<void>(int file)>& finish) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file(::openat(directory, name.c_str(), kFlags, 0600));
  if (!file) return system_error();
  OrErrno<void> done = check(::fchmod(file.get(), 0600));  // whatever the umask
  if (done) done = write_all(file.get(), bytes);
  if (done && finish) done = finish(file.get());
  if (done) done = sync(file.get());
  if (done) done = close_checked(std::move(file));
  return done;
}

OrErrno<void> rename_new(int from_directory, const std::string& from, int to_directory, const std::string& to) {
  return check(::renameat2(from_directory, from.c_str(), to_directory, to.c_str(), RENAME_NOREPLACE));
}

OrErrno<void> remove_entry(int directory, const std::string& name) { return remove_at(directory, name, 0); }

}  // namespace twctl
