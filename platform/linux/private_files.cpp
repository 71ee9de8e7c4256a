#include "platform/linux/private_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "platform/linux/trust.hpp"
#include "platform/posix/durable.hpp"

namespace twctl {

tl::unexpected<Error> failed(ErrorCode code, std::string_view what, int error, std::string hint) {
  return fail(code, fmt::format("{}: {}", what, system_says(error)), std::move(hint));
}

ErrorCode code_for(int error) {
  return is_denied(error) || error == ELOOP || error == ENOTDIR || error == EISDIR ? denial(error) : ErrorCode::failed;
}

Descriptor open_directory(int parent, const char* name) {
  return Descriptor(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Descriptor open_file(int directory, const char* name, int how) {
  struct stat status = {};
  if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return {};
  const bool opens = S_ISREG(status.st_mode) || S_ISLNK(status.st_mode);
  return Descriptor(::openat(directory, name, (opens ? how : O_PATH) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

Result<void> check_ours(const struct stat& status, const std::string& path, mode_t others) {
  if (status.st_uid == ::geteuid() && (status.st_mode & others) == 0) return {};
  return fail(ErrorCode::denied,
              fmt::format("{} is not safe: it belongs to uid {} and has mode {:04o}", escape(path), status.st_uid,
                          status.st_mode & 07777U),
              fmt::format("it must be root's alone: look at what is in it, then `chown root {0} && chmod 0700 {0}`",
                          shell_word(path)));
}

Result<void> check_ours(int descriptor, const std::string& path, mode_t others) {
  struct stat status = {};
  if (::fstat(descriptor, &status) < 0) return failed(ErrorCode::failed, path, errno);
  return check_ours(status, path, others);
}

Result<void> check_plain_file(int descriptor, const std::string& path, ErrorCode code) {
  struct stat status = {};
  if (::fstat(descriptor, &status) < 0) return failed(ErrorCode::failed, escape(path), errno);
  if (S_ISREG(status.st_mode) && status.st_nlink == 1) return {};
  return fail(code, fmt::format("{} is not a plain file with one name", escape(path)));
}

namespace {

Result<Descriptor> make_own(int parent, const char* name, const std::string& path) {
  TRY_VOID(check_takes_files(parent, path));
  const int error = !may_make_in(parent) ? EACCES : ::mkdirat(parent, name, 0700) < 0 ? errno : 0;
  if (error != 0 && error != EEXIST) {
    return failed(code_for(error), fmt::format("{} cannot be made", path), error);
  }
  Descriptor directory = open_directory(parent, name);
  if (!directory || ::fchmod(directory.get(), 0700) < 0) return failed(code_for(errno), path, errno);
  if (const auto synced = sync(parent); !synced) return failed(ErrorCode::failed, path, synced.error());
  return directory;
}

}  // namespace

Result<Descriptor> open_own(int parent, const char* name, const std::string& path, bool create) {
  Descriptor directory = open_directory(parent, name);
  if (!directory && errno == ENOENT && !create) return Descriptor();
  if (!directory && errno == ENOENT) return make_own(parent, name, path);
  if (!directory) return failed(code_for(errno), path, errno);
  TRY_VOID(check_ours(directory.get(), path));
  return directory;
}

OrErrno<void> make_private(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0700) < 0) return tl::unexpected<int>(errno);
  const Descriptor directory = open_directory(parent, name.c_str());
  if (!directory || ::fchmod(directory.get(), 0700) < 0) return tl::unexpected<int>(errno);  // whatever the umask
  return {};
}

}  // namespace twctl
