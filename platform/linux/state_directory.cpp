#include "platform/linux/state_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "platform/linux/changes_folder.hpp"
#include "platform/linux/private_files.hpp"
#include "platform/linux/trust.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/durable.hpp"

namespace twctl {
namespace {

constexpr const char* kParent = "/var/lib";
constexpr const char* kState = "twctl";
constexpr const char* kChanges = "changes";
constexpr const char* kLock = "lock";
constexpr const char* kPending = "pending";
constexpr std::string_view kConcluded = "concluded\n";
constexpr std::chrono::milliseconds kLockPoll{20};

// A signal is no lock of somebody else's.
OrErrno<void> take_lock(int file) {
  constexpr int kMostSignals = 100;
  for (int tries = 1; ::flock(file, LOCK_EX | LOCK_NB) < 0; ++tries) {
    if (errno != EINTR || tries == kMostSignals) return tl::unexpected(errno);
  }
  return {};
}

// `folders`, `files`: that are to be made there and are empty still. Some file systems have a small folder in its
// inode.
Result<void> look_for_room_in(int directory, const RoomNeeded& needed, std::size_t folders, std::size_t files) {
  std::vector<std::size_t> sizes = needed.records;
  SmallOnes small_ones = needed.small_ones;
  struct stat status = {};
  const bool takes_block = ::fstat(directory, &status) < 0 || status.st_blocks != 0;
  small_ones.files += folders + files;
  small_ones.blocks += takes_block ? folders : 0;
  const std::string here = file_system_of(directory);
  for (const RoomNeeded::Staged& staged : needed.staged) {
    if (staged.file_system != here) continue;
    sizes.push_back(staged.bytes);
    small_ones.files += staged.small_ones.files;
    small_ones.blocks += staged.small_ones.blocks;
  }
  const OrErrno<void> room = check_room(directory, sizes, small_ones);
  return room ? Result<void>() : fail(ErrorCode::failed, system_says(room.error()));
}

class StateDirectory final : public StateStore {
 public:
  explicit StateDirectory(const Root& root)
      : StateStore(fmt::format("{}/{}", root.shown(kStateDirectory), kChanges), '/'), root_(root) {}

  Result<bool> hold(Lock lock, std::chrono::milliseconds wait) override {
    if (lock == Lock::run) return hold_run(wait);
    TRY_VOID(open(false));
    if (lock == Lock::watchdog) TRY_VOID(withdraw_pending());  // a killed run may have left one, which nobody holds
    constexpr int kNew = O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC;
    pending_ = lock == Lock::watchdog ? Descriptor(::openat(state_.get(), kPending, kNew, 0600))
                                      : open_file(state_.get(), kPending, O_RDWR);
    if (!pending_) return failed(code_for(errno), path_of(kPending), errno);
    struct flock range = range_of(lock);
    if (::fcntl(pending_.get(), F_OFD_SETLK, &range) < 0) return failed(ErrorCode::failed, path_of(kPending), errno);
    return true;
  }

  Result<void> check_usable(Caller caller) override {
    const OrErrno<Root::Folder> parent = root_.open_folder(kParent);
    const bool as_root = caller == Caller::root && ::geteuid() != 0;
    if (!parent && (!as_root || is_missing(parent.error()))) return no_parent(parent.error());
    if (as_root) return parent ? check_safe(parent->distrust) : Result<void>();
    if (!changes_) TRY_VOID(open_in(parent, false));
    struct statvfs system = {};
    const bool looked = ::fstatvfs(state_ ? state_.get() : parent->directory.get(), &system) == 0;
    if (looked && (system.f_flag & ST_RDONLY) != 0) {
      return failed(denial(EROFS), state_ ? path_of(kLock) : root_.shown(kStateDirectory) + " cannot be made", EROFS);
    }
    TRY_VOID(check_may_write(parent->directory.get()));
    if (!state_) return {};
    TRY_VOID(check_pending());
    return check_present_lock();
  }

  void let_go(Lock lock) override {
    (lock == Lock::run ? lock_ : pending_) = Descriptor();
    struct stat state = {};
    if (lock != Lock::run || ::fstat(state_.get(), &state) < 0 || state.st_nlink != 0) return;
    // Whoever goes on without the lock has outlived the directory, and finds the one that is there now.
    changes_.reset();
    state_ = Descriptor();
  }

  bool is_held(Lock lock) override {
    if (!open(false) || !state_) return false;
    const char* name = lock == Lock::run ? kLock : kPending;
    const Descriptor file = open_file(state_.get(), name, O_RDONLY);
    struct flock range = range_of(lock);
    return file && ::fcntl(file.get(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  }

  Result<void> withdraw_pending() override {
    if (::unlinkat(state_.get(), kPending, 0) == 0 || errno == ENOENT) return {};
    if (const int why = errno; why != EISDIR) {
      TRY_VOID(check_pending());
      return failed(code_for(why), path_of(kPending), why);
    }
    // Whoever mounts a file that is not there makes a folder instead. With nothing in it that is nobody's.
    if (::unlinkat(state_.get(), kPending, AT_REMOVEDIR) == 0) return {};
    const int error = errno;
    TRY_VOID(check_pending());
    return failed(code_for(error), path_of(kPending), error);
  }

  Result<bool> conclude_pending() override {
    const Descriptor file = open_file(state_.get(), kPending, O_RDWR);
    if (!file && errno == ENOENT) return false;
    if (!file) return failed(code_for(errno), path_of(kPending), errno);
    if (!take_last_word(file.get())) return false;
    OrErrno<void> done = write_all(file.get(), kConcluded);
    if (done) done = twctl::sync(file.get());
    if (!done) return failed(ErrorCode::failed, path_of(kPending), done.error());
    TRY_VOID(withdraw_pending());
    return true;
  }

  bool claim_pending() override {
    if (!take_last_word(pending_.get())) return false;
    std::array<char, kConcluded.size()> said = {};
    const ssize_t length = ::pread(pending_.get(), said.data(), said.size(), 0);
    return length >= 0 && std::string_view(said.data(), static_cast<std::size_t>(length)) != kConcluded;
  }

  std::unique_ptr<StateStore> successor() override {
    auto there = std::make_unique<StateDirectory>(root_);
    if (!changes_ || !there->open(false) || (there->changes_ && there->changes_->is(*changes_))) return nullptr;
    return there;
  }

 protected:
  Result<DurableFolder*> open(bool create) override {
    return changes_ ? changes_.get() : open_in(root_.open_folder(kParent), create);
  }

  // Each of what is missing is made beside what is there, which may be a file system of its own.
  Result<void> look_for_room(const RoomNeeded& needed) override {
    struct stat status = {};
    const std::size_t locks = ::fstatat(state_.get(), kLock, &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : 1;
    if (changes_) return look_for_room_in(changes_->directory(), needed, 0, locks);
    if (state_) return look_for_room_in(state_.get(), needed, 1, locks);
    const OrErrno<Root::Folder> parent = root_.open_folder(kParent);
    return parent ? look_for_room_in(parent->directory.get(), needed, 2, locks)
                  : Result<void>();  // check_usable() tells
  }

 private:
  Result<DurableFolder*> open_in(const OrErrno<Root::Folder>& parent, bool create) {
    if (!parent && !create && is_missing(parent.error())) return nullptr;
    if (!parent) return no_parent(parent.error());
    TRY_VOID(check_safe(parent->distrust));
    TRY(state_, open_own(parent->directory.get(), kState, root_.shown(kStateDirectory), create));
    if (!state_) return nullptr;
    TRY_VOID(check_safe(root_.why_distrusted(state_.get(), kStateDirectory)));
    TRY(Descriptor changes, open_own(state_.get(), kChanges, location(), create));
    if (changes)
      TRY_VOID(check_safe(root_.why_distrusted(changes.get(), fmt::format("{}/{}", kStateDirectory, kChanges))));
    if (changes) changes_ = std::make_unique<ChangesFolder>(std::move(changes), location());
    return changes_.get();
  }

  [[nodiscard]] tl::unexpected<Error> no_parent(int error) const {
    const std::string shown = root_.shown(kParent);
    return failed(code_for(error), shown, error,
                  is_missing(error) ? "the journal is kept below it: mkdir -p " + shell_word(shown) : std::string());
  }

  // Root without capabilities may be kept out by a mode, and anybody by a file system or by chattr. `parent`: in which
  // the state directory is, or is to be made.
  [[nodiscard]] Result<void> check_may_write(int parent) const {
    const std::string state = root_.shown(kStateDirectory);
    const std::string unmade = state + " cannot be made";
    if (!state_) TRY_VOID(check_takes_files(parent, state));
    if (!state_) return check_in(parent, ".", W_OK | X_OK, root_.shown(kParent), unmade);
    TRY_VOID(check_in(state_.get(), kLock, R_OK | W_OK, path_of(kLock), path_of(kLock)));
    TRY_VOID(check_in(state_.get(), ".", W_OK | X_OK, state, state));
    return check_in(state_.get(), kChanges, W_OK | X_OK, location(), location());
  }

  // What is missing is in nobody's way.
  static Result<void> check_in(int directory, const char* name, int how, const std::string& path,
                               const std::string& what) {
    struct statx status = {};
    const bool looked = ::statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_MODE, &status) == 0;
    if (looked && is_frozen(status)) return frozen(path);
    if (::faccessat(directory, name, how, AT_EACCESS) < 0 && is_denied(errno))
      return failed(denial(errno), what, errno);
    return {};
  }

  [[nodiscard]] std::string path_of(const char* name) const {
    return fmt::format("{}/{}", root_.shown(kStateDirectory), name);
  }

  [[nodiscard]] Result<void> check_safe(const Distrust& distrust) const {
    return distrust.why.empty() ? Result<void>() : not_safe(root_.shown(kStateDirectory), distrust);
  }

  [[nodiscard]] Result<void> check_lock(int lock) const {
    TRY_VOID(check_plain_file(lock, path_of(kLock), ErrorCode::denied));
    return check_ours(lock, path_of(kLock));
  }

  // Before it is opened: it may be anything.
  [[nodiscard]] Result<void> check_present_lock() const {
    const Descriptor lock(::openat(state_.get(), kLock, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status = {};
    if (!lock || ::fstat(lock.get(), &status) < 0) return {};
    if (S_ISLNK(status.st_mode)) return failed(ErrorCode::denied, path_of(kLock), ELOOP);
    return check_lock(lock.get());
  }

  // A folder of that name is in the way for ever, unless there is nothing in it; so is a file that cannot be deleted.
  [[nodiscard]] Result<void> check_pending() const {
    struct statx status = {};
    const bool looked = ::statx(state_.get(), kPending, AT_SYMLINK_NOFOLLOW, STATX_MODE, &status) == 0;
    if (looked && is_frozen(status)) return frozen(path_of(kPending));
    if (looked && (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return mounted(path_of(kPending));
    const Descriptor folder = open_directory(state_.get(), kPending);
    if (!folder) return {};
    const OrErrno<std::vector<std::string>> names = names_in(folder.get());
    if (names && names->empty()) return {};
    const std::string path = path_of(kPending);
    return fail(ErrorCode::denied, fmt::format("{} is a folder, where a file is to be", escape(path)),
                fmt::format("look at what is in it, then take it away: rm -r {}", shell_word(path)));
  }

  Result<bool> hold_run(std::chrono::milliseconds wait) {
    TRY_VOID(open(true));
    TRY_VOID(check_may_write(-1));
    TRY_VOID(check_present_lock());
    lock_ = Descriptor(::openat(state_.get(), kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (!lock_) return failed(errno == ELOOP ? ErrorCode::denied : code_for(errno), path_of(kLock), errno);
    TRY_VOID(check_lock(lock_.get()));
    if (::fchmod(lock_.get(), 0600) < 0) return failed(ErrorCode::denied, path_of(kLock), errno);  // whatever the umask
    for (;; wait -= kLockPoll) {
      const OrErrno<void> locked = take_lock(lock_.get());
      if (locked) {
        show_that_it_is_held(lock_.get());
        return true;
      }
      if (locked.error() != EWOULDBLOCK) return failed(ErrorCode::failed, path_of(kLock), locked.error());
      if (wait <= std::chrono::milliseconds::zero()) return false;
      const timespec pause{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kLockPoll).count()};
      ::nanosleep(&pause, nullptr);
    }
  }

  // Of a lock by flock(2) nobody can ask without taking it. So whoever has it takes one that can be asked for as well;
  // a file system that grants no such lock still has the first.
  static void show_that_it_is_held(int lock) {
    struct flock range = range_of(Lock::run);
    (void)::fcntl(lock, F_OFD_SETLK, &range);
  }

  // A lock of the open file, not of the process: it stays for as long as any process has the file open so. Each of the
  // two has a byte of its own, and a third byte is for whoever says the last word; none of the bytes need be there.
  static struct flock range_at(off_t byte) {
    return {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1, .l_pid = 0};
  }
  static struct flock range_of(Lock lock) { return range_at(lock == Lock::watchdog ? 0 : 1); }

  // Whether nobody else is about to conclude or claim the file. The lock stays for as long as the file is open.
  static bool take_last_word(int pending) {
    struct flock range = range_at(2);
    return ::fcntl(pending, F_OFD_SETLK, &range) == 0;
  }

  const Root& root_;
  Descriptor state_;
  std::unique_ptr<ChangesFolder> changes_;
  Descriptor lock_;
  Descriptor pending_;
};

}  // namespace

std::unique_ptr<StateStore> make_state_directory(const Root& root) { return std::make_unique<StateDirectory>(root); }

}  // namespace twctl
