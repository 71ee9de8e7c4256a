#include "platform/output_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>

#include "base/escape.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr int kMostTries = 100;
constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

// The directory is opened once: the name is then put into that one, wherever the path leads meanwhile.
struct Target {
  Descriptor directory;
  std::string name;
};

Error cannot_write(std::string_view path, std::string_view why) {
  return Error{.code = ErrorCode::output, .message = "cannot write " + escape(path) + ": " + std::string(why)};
}

OrErrno<Target> find_target(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory(slash == std::string_view::npos ? "." : path.substr(0, slash + 1));
  Target target{Descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
                std::string(path.substr(slash + 1))};
  if (!target.directory) return tl::unexpected(errno);
  return target;
}

// A device or a FIFO. The look was at its name; what has been opened may be a file that somebody put there meanwhile,
// another name of one that must not be written over: ESTALE.
OrErrno<void> write_into(const Target& target, std::string_view bytes) {
  const Descriptor file(
      ::openat(target.directory.get(), target.name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status = {};
  if (!file || ::fstat(file.get(), &status) != 0) return tl::unexpected(errno);
  if (S_ISREG(status.st_mode)) return tl::unexpected(ESTALE);
  return write_all(file.get(), bytes);
}

// A name that nobody has: O_EXCL follows no link that somebody planted under it. It does not grow with the target's,
// which may be as long as a name can be.
OrErrno<Descriptor> create_beside(const Target& target, std::string& name) {
  for (int i = 0; i < kMostTries; ++i) {
    name = ".twctl-" + std::to_string(::getpid()) + "-" + std::to_string(i) + ".new";
    Descriptor file(::openat(target.directory.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             kOwnerOnly));
    if (file) return file;
    if (errno != EEXIST) return tl::unexpected(errno);
  }
  return tl::unexpected(EEXIST);
}

// Whom the caller has let read the file that is there; somebody else's file lets nobody.
struct Readers {
  mode_t mode = kOwnerOnly;
  gid_t group = 0;
};

// A group that the file cannot be given to gets no right to it, and nor does the one that it has instead.
OrErrno<void> let_read(int file, const Readers& readers) {
  if (readers.mode == kOwnerOnly) return {};
  struct stat status = {};
  if (::fstat(file, &status) != 0) return tl::unexpected(errno);
  const bool same = status.st_gid == readers.group || ::fchown(file, static_cast<uid_t>(-1), readers.group) == 0;
  const mode_t mode = same ? readers.mode : readers.mode & ~static_cast<mode_t>(S_IRWXG);
  return ::fchmod(file, mode) == 0 ? OrErrno<void>() : tl::unexpected(errno);
}

OrErrno<void> fill_and_rename(const Target& target, int file, const std::string& name, std::string_view bytes,
                              const Readers& readers) {
  if (auto written = write_all(file, bytes); !written) return written;
  if (auto done = let_read(file, readers); !done) return done;
  if (::fsync(file) != 0) return tl::unexpected(errno);
  const int directory = target.directory.get();
  if (::renameat(directory, name.c_str(), directory, target.name.c_str()) != 0) return tl::unexpected(errno);
  return {};
}

Readers readers_of(const struct stat* there) {
  const bool own = there != nullptr && there->st_uid == ::geteuid();
  return own ? Readers{there->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO), there->st_gid} : Readers();
}

// A signal that ends this run waits until the half-made file is gone or has its name.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t ending = {};
    ::sigemptyset(&ending);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT}) ::sigaddset(&ending, signal);
    ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_ = {};
};

OrErrno<void> replace(const Target& target, std::string_view bytes, const Readers& readers) {
  const SignalsWait until_done;
  std::string name;
  const auto file = create_beside(target, name);
  if (!file) return tl::unexpected(file.error());
  auto done = fill_and_rename(target, file->get(), name, bytes, readers);
  if (!done) ::unlinkat(target.directory.get(), name.c_str(), 0);
  return done;
}

struct Found {
  Target target;
  std::optional<struct stat> status;  // of what has the name now
  [[nodiscard]] bool is_replaced() const { return !status || S_ISREG(status->st_mode); }
};

// What has the name, unless it is none that may be written.
Result<Found> look_at(std::string_view path) {
  auto target = find_target(path);
  if (!target) return fail(cannot_write(path, system_says(target.error())));
  struct stat status = {};
  const bool there = ::fstatat(target->directory.get(), target->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && S_ISLNK(status.st_mode)) {
    Error error = cannot_write(path, "is a symbolic link");
    if (path == "/dev/stdout") error.hint = "`-o -` writes to standard output";
    return fail(std::move(error));
  }
  if (target->name.empty() || (there && S_ISDIR(status.st_mode))) return fail(cannot_write(path, "is a directory"));
  return Found{*std::move(target), there ? std::optional(status) : std::nullopt};
}

}  // namespace

// A file is replaced by another one of the same folder, so it is the folder that has to be writable.
Result<void> check_output(std::string_view path) {
  TRY(const Found found, look_at(path));
  const char* what = found.is_replaced() ? "." : found.target.name.c_str();
  const int rights = found.is_replaced() ? W_OK | X_OK : W_OK;
  if (::faccessat(found.target.directory.get(), what, rights, AT_EACCESS) == 0) return {};
  return fail(cannot_write(path, system_says(errno)));
}

Result<void> replace_output(std::string_view path, std::string_view bytes) {
  TRY(const Found found, look_at(path));
  const auto done = found.is_replaced()
                        ? replace(found.target, bytes, readers_of(found.status ? &*found.status : nullptr))
                        : write_into(found.target, bytes);
  if (!done && done.error() == ESTALE) return fail(cannot_write(path, "somebody has exchanged it meanwhile"));
  if (!done) return fail(cannot_write(path, system_says(done.error())));
  return {};
}

}  // namespace twctl
