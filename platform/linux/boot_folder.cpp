#include "platform/linux/boot_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/linux/file_attributes.hpp"
#include "platform/linux/open_below.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/linux/trust.hpp"
#include "platform/posix/durable.hpp"

namespace twctl {
namespace {

constexpr std::string_view kEtc = "/etc";
constexpr int kReadPlain = O_RDONLY | O_CLOEXEC;

// Somebody else's program decides there what a rename can do.
constexpr std::array<std::int64_t, 7> kOthersDecide{
    FUSE_SUPER_MAGIC, NFS_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, V9FS_MAGIC, AFS_FS_MAGIC, OCFS2_SUPER_MAGIC};

tl::unexpected<Error> denied(std::string message, std::string hint) {
  return fail(ErrorCode::denied, std::move(message), std::move(hint));
}

OrErrno<struct statx> look_at(int descriptor) {
  struct statx status = {};
  if (::statx(descriptor, "", AT_EMPTY_PATH, STATX_MODE, &status) < 0) return tl::unexpected(errno);
  return status;
}

// Linux before 5.8 does not tell by statx.
bool is_mount_point(int directory, int file, const struct statx& status) {
  if ((status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0) return !on_same_mount(directory, file);
  return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// What holds for root; that a plain user could not is no trait of the host.
OrErrno<void> check_access(int directory, const char* name) {
  struct statvfs system = {};
  if (::fstatvfs(directory, &system) == 0 && (system.f_flag & ST_RDONLY) != 0) return tl::unexpected(EROFS);
  if (::geteuid() != 0 || ::faccessat(directory, name, W_OK, AT_EACCESS) == 0) return {};
  return tl::unexpected(errno);
}

Result<void> check_directory(int directory, std::string_view path, std::string_view file) {
  const OrErrno<struct statx> status = look_at(directory);
  if (status && is_frozen(*status)) return frozen(path);
  if (const OrErrno<void> access = check_access(directory, "."); !access) return cannot_use(file, access.error());
  return check_takes_files(directory, file);
}

// Whether a new file can be given to them: tried on one in memory, which nobody else sees. What holds for root, as
// above; and for anybody, where a namespace of users has no number for them (EINVAL). Who is told to be root has one.
Result<void> try_owner(uid_t owner, gid_t group, std::string_view path) {
  if (::geteuid() == 0 && ::getegid() == 0 && owner == 0 && group == 0) return {};
  const Descriptor trial(::memfd_create("twctl", MFD_CLOEXEC));
  if (!trial || ::fchown(trial.get(), owner, group) == 0) return {};
  const bool refused = errno == EINVAL || (is_denied(errno) && ::geteuid() == 0);
  return refused ? not_prepared(path, errno) : Result<void>();
}

// Of one that takes no other's place.
Result<void> try_new(std::string_view path) { return try_owner(::geteuid(), ::getegid(), path); }

// The same of its extended attributes. A file in memory tells most often; where its file system is stricter, as in a
// namespace of users, one in the same folder that gets no name.
Result<void> try_labels(int directory, const char* name, std::string_view path) {
  if (::geteuid() != 0) return {};
  const OrErrno<Descriptor> file = open_plain_in(directory, name);
  const OrErrno<FileAttributes> found = file ? attributes_of(file->get()) : tl::unexpected<int>(file.error());
  if (!found || found->extended.empty()) return {};
  const std::string refused = label_refused(found->extended, Descriptor(::memfd_create("twctl", MFD_CLOEXEC)));
  if (refused.empty()) return {};
  const Descriptor nameless(::openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (nameless && label_refused(found->extended, nameless).empty()) return {};
  return denied(fmt::format("the new {} cannot be prepared: this run may not give it {}, as the old one has it",
                            escape(path), escape(refused)),
                "run it with CAP_SYS_ADMIN; for security.capability that is CAP_SETFCAP");
}

// The file that is to be replaced: a rename over it must succeed.
Result<void> check_target(int directory, const char* name, const std::string& path) {
  const Descriptor file(::openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) return try_new(path);
  if (!file) return cannot_use(path, errno);
  const OrErrno<struct statx> status = look_at(file.get());
  if (!status) return cannot_use(path, status.error());
  if (S_ISLNK(status->stx_mode)) return cannot_use(path, ELOOP);
  TRY_VOID(check_plain(file.get(), path));
  const OrErrno<PathStep> step = step_at(file.get(), path);
  if (!step) return cannot_use(path, step.error());
  if (const std::string why = why_distrusted({&*step, 1}); !why.empty()) return not_safe(path, {.why = why});
  if (is_mount_point(directory, file.get(), *status)) return cannot_use(path, EBUSY);
  if (is_frozen(*status)) return frozen(path);
  if (const OrErrno<void> access = check_access(directory, name); !access) {
    return cannot_use(path, access.error());
  }
  TRY_VOID(try_owner(step->status.st_uid, step->status.st_gid, path));
  return try_labels(directory, name, path);
}

// On a directory that twctl has made: its inode's number, for a later run that has nothing to write there any more. A
// copy of the directory has another one.
// The second name is for a file system without users' attributes: tmpfs before Linux 6.6, or by its options.
constexpr std::array kMadeByUs{"user.twctl.made", "trusted.twctl.made"};

// Of a folder that is to be made: itself, and what that attribute takes where it has no room in the inode.
constexpr SmallOnes kSmallOnesOfFolder{.files = 2, .blocks = 2};

ino_t inode_of(const Descriptor& directory) {
  struct stat status = {};
  return ::fstat(directory.get(), &status) == 0 ? status.st_ino : 0;
}

// A file system that knows neither leaves it to this run alone to know.
ino_t mark_as_ours(const Descriptor& directory) {
  const ino_t inode = inode_of(directory);
  const std::string mark = fmt::to_string(inode);
  (void)std::any_of(kMadeByUs.begin(), kMadeByUs.end(), [&](const char* name) {
    return ::fsetxattr(directory.get(), name, mark.data(), mark.size(), 0) == 0;
  });
  return inode;
}

bool is_ours(const Descriptor& directory, ino_t made) {
  const ino_t inode = inode_of(directory);
  const auto is_marked = [&](const char* name) {
    std::array<char, 32> mark = {};
    const ssize_t length = ::fgetxattr(directory.get(), name, mark.data(), mark.size());
    return length > 0 && std::string_view(mark.data(), static_cast<std::size_t>(length)) == fmt::to_string(inode);
  };
  return inode != 0 && (inode == made || std::any_of(kMadeByUs.begin(), kMadeByUs.end(), is_marked));
}

std::string doubt_about(int directory, std::string_view path) {
  struct statfs system = {};
  if (::fstatfs(directory, &system) < 0) return {};
  if (std::find(kOthersDecide.begin(), kOthersDecide.end(), system.f_type) == kOthersDecide.end()) return {};
  return fmt::format(
      "whether {} can be written as twctl must (its file system is FUSE, NFS or the like): apply will try",
      escape(path));
}

}  // namespace

tl::unexpected<Error> cannot_use(std::string_view path, int error) {
  const std::string name = escape(path);
  if (error == ELOOP) {
    return denied(fmt::format("{} is a symbolic link; twctl does not write through links", name),
                  "put a file of its own there, or choose with --boot-file");
  }
  if (error == EBUSY) return mounted(path, ", or choose with --boot-file");
  return fail(is_denied(error) ? denial(error) : ErrorCode::failed, fmt::format("{}: {}", name, system_says(error)));
}

tl::unexpected<Error> not_prepared(std::string_view path, int error) {
  return fail(is_denied(error) ? denial(error) : ErrorCode::failed,
              fmt::format("the new {} cannot be prepared: {}", escape(path), system_says(error)));
}

Result<void> check_plain(int file, std::string_view path) {
  struct stat status = {};
  if (::fstat(file, &status) < 0) return cannot_use(path, errno);
  // No name at all: somebody has just put another file into its place. What it was can be read all the same.
  if (S_ISREG(status.st_mode) && status.st_nlink <= 1) return {};
  return denied(fmt::format("{} is not a plain file with one name", escape(path)),
                "put a file of its own there: `cp` it and `mv` the copy over it");
}

OrErrno<Descriptor> open_plain_in(int directory, const std::string& name) {
  Descriptor found(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status = {};
  if (!found || ::fstat(found.get(), &status) < 0) return tl::unexpected<int>(errno);
  if (S_ISLNK(status.st_mode)) return tl::unexpected<int>(ELOOP);
  return open_plain(std::move(found), kReadPlain, [&]() -> OrErrno<Descriptor> {
    Descriptor opened(::openat(directory, name.c_str(), kReadPlain | O_NOFOLLOW));
    return opened ? OrErrno<Descriptor>(std::move(opened)) : tl::unexpected<int>(errno);
  });
}

OrErrno<int> BootFolders::etc() {
  if (!etc_) {
    OrErrno<Root::Folder> folder = root_.open_folder(kEtc);
    if (!folder) return tl::unexpected(folder.error());
    etc_ = *std::move(folder);
  }
  return etc_->directory.get();
}

OrErrno<Descriptor> BootFolders::find(const BootPlace& place) {
  const OrErrno<int> parent = etc();
  if (!parent && parent.error() == ENOENT) return Descriptor();
  if (!parent) return tl::unexpected(parent.error());
  Descriptor directory(::openat(*parent, place.directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory && errno != ENOENT) return tl::unexpected(errno);
  foreign_ = root_.why_not_its_own(*parent, kEtc);
  if (directory && foreign_.why.empty()) foreign_ = root_.why_not_its_own(directory.get(), directory_of(place.path));
  return foreign_.why.empty() ? OrErrno<Descriptor>(std::move(directory)) : tl::unexpected<int>(EXDEV);
}

Result<Descriptor> BootFolders::open(const BootPlace& place) {
  OrErrno<Descriptor> directory = find(place);
  if (directory) return *std::move(directory);
  const std::string path = root_.shown(directory_of(place.path));
  if (!etc_) return no_etc(directory.error());
  if (directory.error() == EXDEV) return not_safe(root_.shown(place.path), foreign_);
  if (directory.error() != ENOTDIR) return cannot_use(path, directory.error());
  return denied(fmt::format("{} is no directory of its own; twctl does not write through links", escape(path)),
                "put a directory there, or choose with --boot-file");
}

Result<void> BootFolders::make(const BootPlace& place) {
  TRY(const Descriptor present, open(place));
  if (present) return {};
  const OrErrno<int> parent = etc();
  if (!parent) return no_etc(parent.error());
  const bool made = ::mkdirat(*parent, place.directory, 0755) == 0 &&
                    ::fchmodat(*parent, place.directory, 0755, 0) == 0;  // whatever the umask
  if (!made) return cannot_use(root_.shown(directory_of(place.path)), errno);
  if (const OrErrno<Descriptor> directory = find(place)) made_ = mark_as_ours(*directory);
  if (const auto synced = sync(*parent); !synced) return no_etc(synced.error());
  return {};
}

void BootFolders::take_back() {
  for (const BootPlace& place : kBootPlaces) {
    const OrErrno<Descriptor> directory = find(place);
    if (!directory || !*directory || !is_ours(*directory, made_)) continue;
    if (::unlinkat(etc_->directory.get(), place.directory, AT_REMOVEDIR) == 0) (void)sync(etc_->directory.get());
  }
}

// No other boot file would help, so it is not spoken of.
tl::unexpected<Error> BootFolders::no_etc(int error) const {
  const ErrorCode code = is_denied(error) || error == ELOOP || error == ENOTDIR ? denial(error) : ErrorCode::failed;
  return fail(code, fmt::format("{}: {}", escape(root_.shown(kEtc)), system_says(error)));
}

Result<void> BootFolders::check_trust(const BootPlace& place, int directory) const {
  const std::string_view inside = directory_of(place.path);
  Distrust distrust = etc_->distrust;
  if (distrust.why.empty()) distrust = root_.why_distrusted(directory, inside);
  struct stat status = {};
  const bool open_to_all = ::fstat(directory, &status) == 0 && (status.st_mode & S_IWOTH) != 0;  // sticky or not
  if (distrust.why.empty() && open_to_all)
    distrust.why = fmt::format("{} is writable by others", escape(root_.shown(inside)));
  return distrust.why.empty() ? Result<void>() : not_safe(root_.shown(place.path), distrust);
}

RoomNeeded::Staged BootFolders::to_stage(const BootPlace& place, std::size_t bytes) {
  const OrErrno<Descriptor> directory = find(place);
  if (!directory || !etc_) return {.file_system = "", .bytes = bytes};
  if (*directory) return {.file_system = file_system_of(directory->get()), .bytes = bytes};
  return {.file_system = file_system_of(etc_->directory.get()), .bytes = bytes, .small_ones = kSmallOnesOfFolder};
}

Result<std::string> BootFolders::check_writable(const BootPlace& place, std::optional<std::size_t> bytes) {
  TRY(const Descriptor directory, open(place));
  const OrErrno<int> parent = etc();
  const std::string path = root_.shown(place.path);
  if (!parent && parent.error() == ENOENT) {
    return fmt::format("{} cannot be written, since there is no {}: apply will say so", escape(path),
                       escape(root_.shown(kEtc)));
  }
  if (!parent) return no_etc(parent.error());
  const int where = directory ? directory.get() : *parent;  // a directory that is missing will be made
  const std::string folder = root_.shown(directory ? directory_of(place.path) : kEtc);
  TRY_VOID(check_trust(place, where));
  TRY_VOID(check_directory(where, folder, path));
  TRY_VOID(directory ? check_target(directory.get(), place.name, path) : try_new(path));
  if (bytes) {
    const OrErrno<void> room = check_room(where, {*bytes}, directory ? SmallOnes() : kSmallOnesOfFolder);
    if (!room) return not_prepared(path, room.error());
  }
  return doubt_about(where, folder);
}

}  // namespace twctl
