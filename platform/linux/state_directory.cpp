#include "platform/linux/state_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "base/escape.hpp"
#include "base/size_text.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr const char* kParent = "/var/lib";
constexpr const char* kState = "twctl";
constexpr const char* kChanges = "changes";
constexpr const char* kLock = "lock";
constexpr const char* kPending = "pending";
constexpr std::string_view kHalfMade = ".tmp-";
constexpr std::string_view kHalfGone = ".trash-";
constexpr std::chrono::milliseconds kLockPoll{20};

tl::unexpected<Error> failed(ErrorCode code, std::string_view what, int error, std::string hint = {}) {
  return fail(code, fmt::format("{}: {}", what, system_says(error)), std::move(hint));
}

ErrorCode code_for(int error) { return is_denied(error) ? ErrorCode::denied : ErrorCode::failed; }

Descriptor open_directory(int parent, const char* name) {
  return Descriptor(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Whoever could write here could make twctl restore what he likes.
Result<void> check_ours(int descriptor, const std::string& path) {
  struct stat status = {};
  if (::fstat(descriptor, &status) < 0) return failed(ErrorCode::failed, path, errno);
  if (status.st_uid == ::geteuid() && (status.st_mode & 077U) == 0) return {};
  return fail(ErrorCode::denied,
              fmt::format("{} is not safe: it belongs to uid {} and has mode {:04o}", escape(path), status.st_uid,
                          status.st_mode & 07777U),
              fmt::format("it must be root's alone: look at what is in it, then `chown root {0} && chmod 0700 {0}`",
                          escape(path)));
}

bool is_change_folder(const std::string& name) { return !name.starts_with('.'); }

std::string trash_name(const std::string& folder) { return fmt::format("{}{}", kHalfGone, folder); }

bool is_litter(const std::string& name) { return name.starts_with(kHalfMade) || name.starts_with(kHalfGone); }

class StateDirectory : public StateStore {
 public:
  explicit StateDirectory(const std::string& root) : root_(root == "/" ? "" : root) {}

  [[nodiscard]] std::string location() const override {
    return fmt::format("{}{}/{}/{}", root_, kParent, kState, kChanges);
  }

  Result<void> lock(std::chrono::milliseconds wait) override {
    TRY_VOID(open_state(true));
    lock_ = Descriptor(::openat(state_.get(), kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (!lock_) return failed(errno == ELOOP ? ErrorCode::denied : code_for(errno), path_of(kLock), errno);
    TRY_VOID(check_plain_file(lock_.get(), path_of(kLock), ErrorCode::denied));
    TRY_VOID(check_ours(lock_.get(), path_of(kLock)));
    if (::fchmod(lock_.get(), 0600) < 0) return failed(ErrorCode::denied, path_of(kLock), errno);  // whatever the umask
    return wait_for_lock(wait);
  }

  void unlock() override { lock_ = Descriptor(); }

  Result<void> announce_pending() override {
    TRY_VOID(withdraw_pending());  // a killed run may have left one, which nobody holds any more
    constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    pending_ = Descriptor(::openat(state_.get(), kPending, kFlags, 0600));
    if (!pending_) return failed(code_for(errno), path_of(kPending), errno);
    return hold_pending(Waiter::watchdog);
  }

  void hand_over_pending() override { pending_ = Descriptor(); }

  void attend_pending() override {
    if (!open_state(false) || !state_) return;
    pending_ = Descriptor(::openat(state_.get(), kPending, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    (void)hold_pending(Waiter::path_unit);
  }

  bool is_waiting(Waiter who) override {
    if (!open_state(false) || !state_) return false;
    const Descriptor file(::openat(state_.get(), kPending, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct flock lock = lock_of(who);
    return file && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  }

  Result<void> withdraw_pending() override {
    if (::unlinkat(state_.get(), kPending, 0) == 0 || errno == ENOENT) return {};
    return failed(code_for(errno), path_of(kPending), errno);
  }

  Result<std::vector<std::string>> folders() override {
    TRY_VOID(open_state(false));
    if (!changes_) return std::vector<std::string>();
    auto names = names_in(changes_.get());
    if (!names) return failed(ErrorCode::failed, location(), names.error());
    std::erase_if(*names, [](const std::string& name) { return !is_change_folder(name); });
    return *std::move(names);
  }

  Result<std::optional<std::string>> read(const std::string& folder, const std::string& name,
                                          std::size_t limit) override {
    TRY_VOID(open_state(false));
    const std::string path = folder + "/" + name;
    const Descriptor file(::openat(changes_.get(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::optional<std::string>();
    if (!file) return failed(errno == ELOOP ? ErrorCode::invalid : code_for(errno), escape(path), errno);
    TRY_VOID(check_plain_file(file.get(), path, ErrorCode::invalid));
    const OrErrno<std::string> bytes = read_bytes(file.get(), limit);
    if (!bytes) return failed(ErrorCode::failed, escape(path), bytes.error());
    if (bytes->size() > limit) return fail(ErrorCode::invalid, fmt::format("it is larger than {}", size_text(limit)));
    return std::optional(*bytes);
  }

  Result<void> create_folder(const std::string& folder, const std::vector<NamedBytes>& files) override {
    const std::string temporary = fmt::format("{}{}", kHalfMade, folder);
    const OrErrno<void> done = try_create(temporary, folder, files);
    if (done) return {};
    // It must not stay: an intent that the caller believes was never published would be rolled back one day.
    (void)remove_entry(changes_.get(), temporary);
    (void)remove_folders({folder});
    return failed(ErrorCode::failed, fmt::format("change {} cannot be recorded in {}", folder, location()),
                  done.error());
  }

  Result<bool> publish_if(const std::string& folder, const std::string& name, std::string_view bytes,
                          const std::function<bool()>& still) override {
    const Descriptor directory = open_directory(changes_.get(), folder.c_str());
    if (!directory) return failed(ErrorCode::failed, path_of(folder), errno);
    const std::string temporary = fmt::format("{}{}-{}", kHalfMade, folder, name);
    OrErrno<void> done = remove_entry(changes_.get(), temporary);  // of a run that was killed here
    if (done) done = create_synced(changes_.get(), temporary, bytes);
    if (done && !still()) {
      (void)::unlinkat(changes_.get(), temporary.c_str(), 0);
      return fail(ErrorCode::refused, fmt::format("{}/{} comes too late", path_of(folder), name));
    }
    if (done) done = rename_new(changes_.get(), temporary, directory.get(), name);
    if (!done) (void)::unlinkat(changes_.get(), temporary.c_str(), 0);
    if (!done && done.error() == EEXIST) return false;
    if (done) done = sync(directory.get());
    if (done) return true;
    return failed(ErrorCode::failed, fmt::format("{}/{} cannot be recorded", path_of(folder), name), done.error());
  }

  Result<void> remove_folders(const std::vector<std::string>& folders) override {
    if (folders.empty()) return {};
    for (const std::string& folder : folders) {
      const OrErrno<void> done = rename_new(changes_.get(), folder, changes_.get(), trash_name(folder));
      if (!done && done.error() != ENOENT) return failed(ErrorCode::failed, path_of(folder), done.error());
    }
    if (const auto done = sync(changes_.get()); !done) return failed(ErrorCode::failed, location(), done.error());
    for (const std::string& folder : folders) {
      const OrErrno<void> done = remove_entry(changes_.get(), trash_name(folder));
      if (!done) return failed(ErrorCode::failed, path_of(folder), done.error());
    }
    return {};
  }

  Result<void> sweep() override {
    const auto names = names_in(changes_.get());
    if (!names) return failed(ErrorCode::failed, location(), names.error());
    for (const std::string& name : *names) {
      if (!is_litter(name)) continue;
      if (const auto removed = remove_entry(changes_.get(), name); !removed) {
        return failed(ErrorCode::failed, path_of(name), removed.error());
      }
    }
    return {};
  }

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const {
    const bool above = name == kLock || name == kPending;
    return above ? fmt::format("{}{}/{}/{}", root_, kParent, kState, name) : location() + "/" + escape(name);
  }

  // Opens the state directory and the folder of changes; makes them where `create`, else leaves both closed.
  Result<void> open_state(bool create) {
    if (changes_) return {};
    const std::string parent_path = root_ + kParent;
    const Descriptor parent = open_directory(AT_FDCWD, parent_path.c_str());
    if (!parent) return create ? Result<void>(failed(code_for(errno), parent_path, errno)) : Result<void>();
    TRY(state_, open_own(parent.get(), kState, parent_path + "/" + kState, create));
    if (!state_) return {};
    TRY(changes_, open_own(state_.get(), kChanges, location(), create));
    return {};
  }

  static Result<Descriptor> open_own(int parent, const char* name, const std::string& path, bool create) {
    Descriptor directory = open_directory(parent, name);
    if (!directory && errno == ENOENT && !create) return Descriptor();
    if (!directory && errno == ENOENT) return make_own(parent, name, path);
    if (!directory) return failed(ErrorCode::denied, path, errno);
    TRY_VOID(check_ours(directory.get(), path));
    return directory;
  }

  static Result<Descriptor> make_own(int parent, const char* name, const std::string& path) {
    if (::mkdirat(parent, name, 0700) < 0 && errno != EEXIST) {
      return failed(code_for(errno), fmt::format("{} cannot be made", path), errno,
                    "twctl changes a host as root only");
    }
    Descriptor directory = open_directory(parent, name);
    if (!directory || ::fchmod(directory.get(), 0700) < 0) return failed(ErrorCode::denied, path, errno);
    if (const auto synced = sync(parent); !synced) return failed(ErrorCode::failed, path, synced.error());
    return directory;
  }

  static Result<void> check_plain_file(int descriptor, const std::string& path, ErrorCode code) {
    struct stat status = {};
    if (::fstat(descriptor, &status) < 0) return failed(ErrorCode::failed, escape(path), errno);
    if (S_ISREG(status.st_mode) && status.st_nlink == 1) return {};
    return fail(code, fmt::format("{} is not a plain file with one name", escape(path)));
  }

  Result<void> wait_for_lock(std::chrono::milliseconds wait) {
    while (::flock(lock_.get(), LOCK_EX | LOCK_NB) < 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) return failed(ErrorCode::failed, path_of(kLock), errno);
      if (wait <= std::chrono::milliseconds::zero()) {
        return fail(ErrorCode::busy, "another twctl is at work on this host",
                    "wait for it, with --wait 30s for example");
      }
      const timespec pause{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kLockPoll).count()};
      ::nanosleep(&pause, nullptr);
      wait -= kLockPoll;
    }
    return {};
  }

  OrErrno<void> try_create(const std::string& temporary, const std::string& folder,
                           const std::vector<NamedBytes>& files) {
    if (::mkdirat(changes_.get(), temporary.c_str(), 0700) < 0) return tl::unexpected<int>(errno);
    const Descriptor directory = open_directory(changes_.get(), temporary.c_str());
    if (!directory || ::fchmod(directory.get(), 0700) < 0) return tl::unexpected<int>(errno);
    OrErrno<void> done;
    for (const NamedBytes& file : files) {
      if (done) done = create_synced(directory.get(), file.name, file.bytes);
    }
    if (done) done = sync(directory.get());
    if (done) done = rename_new(changes_.get(), temporary, changes_.get(), folder);
    if (done) done = sync(changes_.get());
    return done;
  }

  // A lock of the open file, not of the process: it stays for as long as any process has the file open so. Each waiter
  // has a byte of his own; none of them is there.
  static struct flock lock_of(Waiter who) {
    return {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = static_cast<off_t>(who), .l_len = 1, .l_pid = 0};
  }

  Result<void> hold_pending(Waiter who) {
    struct flock lock = lock_of(who);
    if (::fcntl(pending_.get(), F_OFD_SETLK, &lock) < 0) return failed(ErrorCode::failed, path_of(kPending), errno);
    return {};
  }

  std::string root_;
  Descriptor state_;
  Descriptor changes_;
  Descriptor lock_;
  Descriptor pending_;
};

}  // namespace

std::unique_ptr<StateStore> make_state_directory(const std::string& root) {
  return std::make_unique<StateDirectory>(root);
}

}  // namespace twctl
