#include "platform/linux/open_below.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>

#include "base/text.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
constexpr std::uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
constexpr int kMostTries = 100;  // EAGAIN: something was renamed during the look-up

OrErrno<Descriptor> open_once(int directory, const char* path, int flags, std::uint64_t resolve) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = resolve;
  const long number = ::syscall(SYS_openat2, directory, path, &how, sizeof how);
  if (number < 0) return tl::unexpected(errno);
  return Descriptor(static_cast<int>(number));
}

OrErrno<Descriptor> open_how_resolved(int directory, const char* path, int flags, std::uint64_t resolve) {
  auto opened = open_once(directory, path, flags, resolve);
  for (int tries = 1; !opened && opened.error() == EAGAIN && tries < kMostTries; ++tries) {
    opened = open_once(directory, path, flags, resolve);
  }
  return opened;
}

// Not in this kernel (ENOSYS), or forbidden by a sandbox (EPERM; a file that forbids us says EACCES, and if it
// does say EPERM the walk meets the same answer).
template <class T>
bool lacks_openat2(const OrErrno<T>& opened) {
  return !opened && (opened.error() == ENOSYS || opened.error() == EPERM);
}

// From fdinfo where statx does not tell (Linux before 5.8).
OrErrno<std::string> mount_id(int descriptor) {
  struct statx status = {};
  if (::statx(descriptor, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) == 0 && (status.stx_mask & STATX_MNT_ID) != 0) {
    return std::to_string(status.stx_mnt_id);
  }
  const std::string path = "/proc/self/fdinfo/" + std::to_string(descriptor);
  const Descriptor info(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!info) return tl::unexpected(EXDEV);
  auto text = read_bytes(info.get(), 4096);
  if (!text) return text;
  constexpr std::string_view kLine = "\nmnt_id:";
  const std::size_t at = text->find(kLine);
  if (at == std::string::npos) return tl::unexpected(EXDEV);
  return std::string(
      trim(std::string_view(*text).substr(at + kLine.size(), text->find('\n', at + 1) - at - kLine.size())));
}

OrErrno<Descriptor> step_down(int directory, const std::string& name) {
  Descriptor next(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!next) return tl::unexpected(errno);
  struct stat status = {};
  if (::fstat(next.get(), &status) != 0) return tl::unexpected(errno);
  if (S_ISLNK(status.st_mode)) return tl::unexpected(ELOOP);
  return next;
}

OrErrno<Descriptor> walk_beneath(int directory, const std::string& path, int flags) {
  const auto parts = split(path, '/');
  Descriptor here;
  int at = directory;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    auto next = step_down(at, std::string(parts[i]));
    if (!next) return next;
    here = *std::move(next);
    at = here.get();
  }
  Descriptor opened(::openat(at, std::string(parts.back()).c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) return tl::unexpected(errno);
  if (!on_same_mount(directory, opened.get())) return tl::unexpected(EXDEV);
  return opened;
}

bool has_empty_or_dots(std::string_view path) {
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return true;
  }
  return false;
}

}  // namespace

bool on_same_mount(int outer, int inner) {
  const auto one = mount_id(outer);
  const auto other = mount_id(inner);
  return one && other && *one == *other;
}

OrErrno<Descriptor> open_beneath(int directory, const std::string& path, int flags) {
  if (has_empty_or_dots(path)) return tl::unexpected(EXDEV);
  auto opened = open_how_resolved(directory, path.c_str(), flags, kBeneath);
  return lacks_openat2(opened) ? walk_beneath(directory, path, flags) : std::move(opened);
}

OrErrno<Descriptor> open_in_root(int root, std::string_view path, int flags) {
  const std::string name(path);
  const bool looks_only = (flags & (O_PATH | O_DIRECTORY)) != 0;  // neither acts on a device
  auto found = open_how_resolved(root, name.c_str(), looks_only ? flags : O_PATH, kInRoot);
  if (lacks_openat2(found)) return walk(root, path, flags, nullptr);
  if (looks_only || !found) return found;
  return open_plain(*std::move(found), flags, [&] { return open_how_resolved(root, name.c_str(), flags, kInRoot); });
}

}  // namespace twctl
