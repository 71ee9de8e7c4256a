#include "platform/linux/boot_file_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::size_t kBootFileLimit = 1024 * 1024;  // bytes
constexpr std::string_view kStagedPrefix = ".twctl-";
constexpr std::string_view kStagedSuffix = ".tmp";  // no loader reads a name that does not end in ".conf"

// The only files below /etc that are ever written, as directory and name.
struct AllowedFile {
  std::string_view path;
  const char* directory;  // below the root
  const char* name;
};
constexpr std::array kAllowed{AllowedFile{kOwnBootFile, "etc/sysctl.d", "60-twctl.conf"},
                              AllowedFile{kSysctlConf, "etc", "sysctl.conf"}};

tl::unexpected<Error> failed(std::string_view path, int error) {
  return fail(is_denied(error) ? ErrorCode::denied : ErrorCode::failed,
              fmt::format("{}: {}", escape(path), system_says(error)));
}

std::string staged_name(const std::string& id) { return fmt::format("{}{}{}", kStagedPrefix, id, kStagedSuffix); }

Result<const AllowedFile*> find_allowed(std::string_view path) {
  for (const AllowedFile& file : kAllowed) {
    if (file.path == path) return &file;
  }
  return fail(ErrorCode::denied, fmt::format("{} is not a file that twctl writes", escape(path)));
}

// Extended attributes carry the SELinux label and the access control list. What cannot be copied is an error: the
// new file would be open to others than the old one.
OrErrno<void> copy_attributes(int from, int to) {
  std::vector<char> names(64 * 1024);
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length < 0) return errno == ENOTSUP ? OrErrno<void>() : tl::unexpected<int>(errno);
  for (const std::string_view name : split(std::string_view(names.data(), static_cast<std::size_t>(length)), '\0')) {
    if (name.empty()) continue;
    std::vector<char> value(64 * 1024);
    const ssize_t size = ::fgetxattr(from, std::string(name).c_str(), value.data(), value.size());
    if (size < 0) return tl::unexpected<int>(errno);
    if (::fsetxattr(to, std::string(name).c_str(), value.data(), static_cast<std::size_t>(size), 0) < 0) {
      return tl::unexpected<int>(errno);
    }
  }
  return {};
}

// Owner, mode and attributes of the old file; root's 0644 for a new one.
OrErrno<void> take_after(int old_file, int new_file) {
  if (old_file < 0) return ::fchmod(new_file, 0644) < 0 ? OrErrno<void>(tl::unexpected<int>(errno)) : OrErrno<void>();
  struct stat status = {};
  if (::fstat(old_file, &status) < 0) return tl::unexpected<int>(errno);
  if (::fchown(new_file, status.st_uid, status.st_gid) < 0) return tl::unexpected<int>(errno);
  if (::fchmod(new_file, status.st_mode & 07777U) < 0) return tl::unexpected<int>(errno);
  return copy_attributes(old_file, new_file);
}

OrErrno<void> write_staged(int directory, const std::string& name, int old_file, std::string_view bytes) {
  return create_synced(directory, name, bytes, [old_file](int file) { return take_after(old_file, file); });
}

class EtcFiles : public BootFileStore {
 public:
  explicit EtcFiles(const std::string& root) : root_(root) {}

  Result<std::optional<std::string>> read(std::string_view path) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY(const Descriptor directory, open_directory(*file));
    if (!directory) return std::optional<std::string>();
    return read_in(directory.get(), file->name, path);
  }

  Result<void> check_writable(std::string_view path) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY(const Descriptor directory, open_directory(*file));
    if (!directory) return {};  // stage() makes it
    if (::faccessat(directory.get(), ".", W_OK, AT_EACCESS) < 0) return failed(path, errno);
    TRY_VOID(check_directory(directory.get(), path));
    const Descriptor old_file(::openat(directory.get(), file->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!old_file && errno == ENOENT) return {};
    if (!old_file) return refused_open(path, errno);
    return check_plain(old_file.get(), path);
  }

  Result<void> stage(std::string_view path, const std::string& id, std::string_view bytes) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY_VOID(make_directory(*file));
    TRY(const Descriptor directory, open_directory(*file));
    const std::string name = staged_name(id);
    if (const auto gone = remove_entry(directory.get(), name); !gone) return failed(path, gone.error());
    const Descriptor old_file(::openat(directory.get(), file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!old_file && errno != ENOENT) return refused_open(path, errno);
    const OrErrno<void> written = write_staged(directory.get(), name, old_file.get(), bytes);
    if (written) return {};
    (void)remove_entry(directory.get(), name);
    return fail(is_denied(written.error()) ? ErrorCode::denied : ErrorCode::failed,
                fmt::format("the new {} cannot be prepared: {}", escape(path), system_says(written.error())));
  }

  Result<std::optional<std::string>> staged(std::string_view path, const std::string& id) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY(const Descriptor directory, open_directory(*file));
    if (!directory) return std::optional<std::string>();
    return read_in(directory.get(), staged_name(id), path);
  }

  Result<bool> publish(std::string_view path, const std::string& id,
                       const std::optional<std::string>& before) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY(const Descriptor directory, open_directory(*file));
    const Place place{directory.get(), file->name, staged_name(id), path};
    OrErrno<void> moved = before ? swap(place) : rename_new(place.directory, place.staged, place.directory, place.name);
    // A file system that cannot swap leaves a moment between the caller's last look and this.
    const bool swapped = before && (moved || moved.error() != EINVAL);
    if (before && !swapped) moved = replace(place);
    if (!moved && moved.error() == (before ? ENOENT : EEXIST)) return false;
    if (!moved) return failed(path, moved.error());
    if (!swapped) return drop_staged(place);
    TRY(const bool same, was(place, *before));
    return same ? drop_staged(place) : put_back(place, swap(place));
  }

  Result<bool> remove(std::string_view path, const std::string& id, const std::string& before) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY(const Descriptor directory, open_directory(*file));
    if (!directory) return true;
    const Place place{directory.get(), file->name, staged_name(id), path};
    if (const auto gone = remove_entry(place.directory, place.staged); !gone) return failed(path, gone.error());
    const OrErrno<void> moved = rename_new(place.directory, place.name, place.directory, place.staged);
    if (!moved && moved.error() != ENOENT) return failed(path, moved.error());
    if (!moved) return drop_staged(place);
    TRY(const bool same, was(place, before));
    if (same) return drop_staged(place);
    return put_back(place, rename_new(place.directory, place.staged, place.directory, place.name));
  }

  Result<bool> ensure_on_disk(std::string_view path, const std::string& id,
                              const std::optional<std::string>& before) override {
    TRY(const AllowedFile* file, find_allowed(path));
    TRY(const Descriptor directory, open_directory(*file));
    if (!directory) return true;
    const Place place{directory.get(), file->name, staged_name(id), path};
    TRY(const std::optional<std::string> aside, read_in(place.directory, place.staged, path));
    TRY(const std::optional<std::string> now, read_in(place.directory, place.name, path));
    if (!aside || aside == before || aside == now) {
      TRY_VOID(sync_in(place.directory, path));
      return true;
    }
    return put_back(place, now ? swap(place) : rename_new(place.directory, place.staged, place.directory, place.name));
  }

  Result<void> sweep(const std::string& spared) override {
    for (const AllowedFile& file : kAllowed) {
      const OrErrno<Descriptor> directory = find_directory(file);
      if (!directory && is_no_directory(directory.error())) continue;  // nothing was ever staged there
      if (!directory) return failed(path_of(file), directory.error());
      if (!*directory) continue;
      TRY_VOID(sweep_directory(directory->get(), file, staged_name(spared)));
    }
    return {};
  }

 private:
  // A boot file and what is staged for it, in one directory.
  struct Place {
    int directory;
    const char* name;
    std::string staged;
    std::string_view path;  // for messages
  };

  static OrErrno<void> swap(const Place& place) {
    const int done = ::renameat2(place.directory, place.staged.c_str(), place.directory, place.name, RENAME_EXCHANGE);
    return done < 0 ? OrErrno<void>(tl::unexpected<int>(errno)) : OrErrno<void>();
  }

  static OrErrno<void> replace(const Place& place) {
    const int done = ::renameat(place.directory, place.staged.c_str(), place.directory, place.name);
    return done < 0 ? OrErrno<void>(tl::unexpected<int>(errno)) : OrErrno<void>();
  }

  // Whether what has been moved aside is what the caller took it for. It has no other name that anybody would write to.
  static Result<bool> was(const Place& place, const std::string& before) {
    TRY(const std::optional<std::string> found, read_in(place.directory, place.staged, place.path));
    return found == before;
  }

  static Result<bool> put_back(const Place& place, const OrErrno<void>& moved) {
    if (!moved) return failed(place.path, moved.error());
    TRY_VOID(sync_in(place.directory, place.path));
    return false;
  }

  static Result<bool> drop_staged(const Place& place) {
    if (const auto gone = remove_entry(place.directory, place.staged); !gone) return failed(place.path, gone.error());
    TRY_VOID(sync_in(place.directory, place.path));
    return true;
  }

  static Result<void> sweep_directory(int directory, const AllowedFile& file, const std::string& spared) {
    const auto names = names_in(directory);
    if (!names) return failed(file.path, names.error());
    for (const std::string& name : *names) {
      if (!name.starts_with(kStagedPrefix) || !name.ends_with(kStagedSuffix) || name == spared) continue;
      if (const auto removed = remove_entry(directory, name); !removed) return failed(file.path, removed.error());
    }
    return {};
  }

  static std::string path_of(const AllowedFile& file) { return fmt::format("/{}", file.directory); }

  // O_DIRECTORY goes first: a link is ENOTDIR too.
  static bool is_no_directory(int error) { return error == ENOTDIR || error == ELOOP; }

  // A closed descriptor where the directory is missing.
  [[nodiscard]] OrErrno<Descriptor> find_directory(const AllowedFile& file) const {
    Descriptor at(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (const std::string_view step : split(file.directory, '/')) {
      if (!at) break;
      at = Descriptor(::openat(at.get(), std::string(step).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
    if (at) return at;
    if (errno == ENOENT) return Descriptor();
    return tl::unexpected<int>(errno);
  }

  // The same. Error: denied, for a link or a file in its place.
  [[nodiscard]] Result<Descriptor> open_directory(const AllowedFile& file) const {
    OrErrno<Descriptor> directory = find_directory(file);
    if (directory) return std::move(*directory);
    if (!is_no_directory(directory.error())) return failed(path_of(file), directory.error());
    return fail(ErrorCode::denied, path_of(file) + " is no directory of its own; twctl does not write through links");
  }

  Result<void> make_directory(const AllowedFile& file) {
    TRY(const Descriptor present, open_directory(file));
    if (present) return {};
    const Descriptor etc(::open((root_ + "/etc").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!etc) return failed("/etc", errno);
    if (::mkdirat(etc.get(), "sysctl.d", 0755) < 0) return failed(path_of(file), errno);
    if (::fchmodat(etc.get(), "sysctl.d", 0755, 0) < 0) return failed(path_of(file), errno);  // whatever the umask
    return sync_in(etc.get(), "/etc");
  }

  static Result<std::optional<std::string>> read_in(int directory, const std::string& name, std::string_view path) {
    const Descriptor file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::optional<std::string>();
    if (!file) return refused_open(path, errno);
    TRY_VOID(check_plain(file.get(), path));
    const OrErrno<std::string> bytes = read_bytes(file.get(), kBootFileLimit);
    if (!bytes) return failed(path, bytes.error());
    if (bytes->size() > kBootFileLimit) return fail(ErrorCode::denied, fmt::format("{} is too large", escape(path)));
    return std::optional(*bytes);
  }

  static tl::unexpected<Error> refused_open(std::string_view path, int error) {
    if (error != ELOOP) return failed(path, error);
    return fail(ErrorCode::denied,
                fmt::format("{} is a symbolic link; twctl does not write through links", escape(path)));
  }

  static Result<void> check_plain(int descriptor, std::string_view path) {
    struct stat status = {};
    if (::fstat(descriptor, &status) < 0) return failed(path, errno);
    // No name at all: somebody has just put another file into its place. What it was can be read all the same.
    if (S_ISREG(status.st_mode) && status.st_nlink <= 1) return {};
    return fail(ErrorCode::denied, fmt::format("{} is not a plain file with one name", escape(path)));
  }

  // Where only appending is allowed (chattr +a), the rename after the decision would fail.
  static Result<void> check_directory(int directory, std::string_view path) {
    struct statx status = {};
    if (::statx(directory, "", AT_EMPTY_PATH, STATX_MODE, &status) < 0) return {};
    if ((status.stx_mode & 022U) != 0) {
      return fail(ErrorCode::denied, fmt::format("the directory of {} is writable by others", escape(path)));
    }
    if ((status.stx_attributes & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE)) == 0) return {};
    return fail(ErrorCode::denied, fmt::format("the directory of {} is immutable or append-only", escape(path)));
  }

  static Result<void> sync_in(int directory, std::string_view path) {
    if (const auto synced = sync(directory); !synced) {
      return fail(ErrorCode::failed, fmt::format("{} is in place, but not proven to be on disk: {}", escape(path),
                                                 system_says(synced.error())));
    }
    return {};
  }

  std::string root_;
};

}  // namespace

std::unique_ptr<BootFileStore> make_boot_file_store(const std::string& root) {
  return std::make_unique<EtcFiles>(root);
}

}  // namespace twctl
