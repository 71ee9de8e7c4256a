#include "platform/linux/boot_file_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/boot_file_store.hpp"
#include "platform/linux/boot_folder.hpp"
#include "platform/linux/file_attributes.hpp"
#include "platform/linux/trust.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::string_view kStagedPrefix = ".twctl-";
constexpr std::string_view kStagedSuffix = ".tmp";  // no loader reads a name that does not end in ".conf"

std::string staged_name(const std::string& id) { return fmt::format("{}{}{}", kStagedPrefix, id, kStagedSuffix); }
std::string fresh_name(const std::string& id) { return fmt::format("{}{}-new{}", kStagedPrefix, id, kStagedSuffix); }

std::string beside(std::string_view path, const std::string& name) {
  return fmt::format("{}/{}", directory_of(path), name);
}

Result<const BootPlace*> find_place(std::string_view path) {
  for (const BootPlace& place : kBootPlaces) {
    if (place.path == path) return &place;
  }
  return fail(ErrorCode::denied, fmt::format("{} is not a file that twctl writes", escape(path)),
              fmt::format("--boot-file takes {} and {}", kOwnBootFile, kSysctlConf));
}

// Of renameat2() with a flag that the file system, or the kernel, does not know.
bool lacks_flag(int error) { return error == EINVAL || error == ENOSYS; }

// Of one that takes no other's place: root's 0644, whatever the folder has its files begin with.
FileAttributes of_a_new_file() { return {.owner = ::geteuid(), .group = ::getegid(), .mode = 0644}; }

// As the old file has them.
OrErrno<void> take_after(int old_file, int new_file) {
  if (old_file < 0) return give_attributes(new_file, of_a_new_file());
  const OrErrno<FileAttributes> old = attributes_of(old_file);
  return old ? give_attributes(new_file, *old) : tl::unexpected<int>(old.error());
}

class EtcFiles : public BootFileStore {
 public:
  explicit EtcFiles(const Root& root) : root_(root), folders_(root) {}

  Result<std::optional<std::string>> read(std::string_view asked) override {
    TRY(const BootPlace* file, find_place(asked));
    const std::string path = root_.shown(asked);  // as messages say it
    TRY(const Descriptor directory, folders_.open(*file));
    if (!directory) return std::optional<std::string>();
    return read_in(directory.get(), file->name, path);
  }

  Result<std::string> check_writable(std::string_view path, std::optional<std::size_t> bytes) override {
    TRY(const BootPlace* file, find_place(path));
    return folders_.check_writable(*file, bytes);
  }

  RoomNeeded::Staged to_stage(std::string_view path, std::size_t bytes) override {
    const Result<const BootPlace*> file = find_place(path);
    return file ? folders_.to_stage(**file, bytes) : BootFileStore::to_stage(path, bytes);
  }

  Result<void> stage(std::string_view asked, const std::string& id, const std::optional<std::string>& bytes) override {
    TRY(const BootPlace* file, find_place(asked));
    const std::string path = root_.shown(asked);  // as messages say it
    TRY_VOID(folders_.make(*file));
    TRY(const Descriptor directory, folders_.open(*file));
    if (!may_make_in(directory.get())) return not_prepared(path, EACCES);
    const Place place{directory.get(), file->name, staged_name(id), path};
    const std::string fresh = fresh_name(id);
    for (const std::string& name : {place.staged, fresh}) {
      if (const auto gone = remove_entry(place.directory, name); !gone) return cannot_use(path, gone.error());
    }
    TRY_VOID(write_fresh(place, fresh, bytes));
    return bytes ? Result<void>() : drop(place);
  }

  Result<std::optional<std::string>> staged(std::string_view asked, const std::string& id) override {
    TRY(const BootPlace* file, find_place(asked));
    const std::string path = root_.shown(asked);  // as messages say it
    TRY(const Descriptor directory, folders_.open(*file));
    if (!directory) return std::optional<std::string>();
    const Place place{directory.get(), file->name, staged_name(id), path};
    TRY_VOID(check_may_go(place));  // as it is to in the end, one way or the other
    return read_in(place.directory, place.staged, beside(path, place.staged));
  }

  Result<void> check_staged_may_go(std::string_view asked, const std::string& id) override {
    TRY(const BootPlace* file, find_place(asked));
    TRY(const Descriptor directory, folders_.open(*file));
    if (!directory) return {};
    return check_may_go({directory.get(), file->name, staged_name(id), root_.shown(asked)});
  }

  Result<bool> publish(std::string_view asked, const std::string& id,
                       const std::optional<std::string>& before) override {
    TRY(const BootPlace* file, find_place(asked));
    const std::string path = root_.shown(asked);  // as messages say it
    TRY(const Descriptor directory, folders_.open(*file));
    const Place place{directory.get(), file->name, staged_name(id), path};
    TRY_VOID(take_after_present(place, !before));
    const ino_t ours = file_at(place, place.staged.c_str());
    OrErrno<void> moved = before ? swap(place) : rename_new(place.directory, place.staged, place.directory, place.name);
    // A file system that cannot swap leaves a moment between the caller's last look and this.
    const bool swapped = before && (moved || moved.error() != EINVAL);
    if (before && !swapped) moved = replace(place);
    if (!moved && moved.error() == (before ? ENOENT : EEXIST)) return false;
    if (!moved) return cannot_use(path, moved.error());
    if (!swapped) return drop_staged(place);
    TRY(const bool same, was(place, *before));
    return same ? drop_staged(place) : swap_back(place, ours);
  }

  Result<bool> remove(std::string_view asked, const std::string& id, const std::string& before) override {
    TRY(const BootPlace* file, find_place(asked));
    const std::string path = root_.shown(asked);  // as messages say it
    TRY(const Descriptor directory, folders_.open(*file));
    if (!directory) return true;
    const Place place{directory.get(), file->name, staged_name(id), path};
    if (const auto gone = remove_entry(place.directory, place.staged); !gone) return cannot_use(path, gone.error());
    const OrErrno<void> moved = rename_new(place.directory, place.name, place.directory, place.staged);
    if (!moved && moved.error() != ENOENT) return cannot_use(path, moved.error());
    if (!moved) return drop_staged(place);
    TRY(const bool same, was(place, before));
    if (!same) return move_back(place);
    TRY(const bool removed, drop_staged(place));
    folders_.take_back();
    return removed;
  }

  Result<bool> ensure_on_disk(std::string_view asked, const std::string& id,
                              const std::optional<std::string>& before) override {
    TRY(const BootPlace* file, find_place(asked));
    const std::string path = root_.shown(asked);  // as messages say it
    TRY(const Descriptor directory, folders_.open(*file));
    if (!directory) return true;
    const Place place{directory.get(), file->name, staged_name(id), path};
    TRY(const std::optional<std::string> aside, read_in(place.directory, place.staged, path));
    TRY(const std::optional<std::string> now, read_in(place.directory, place.name, path));
    const bool in_both = aside && aside == now;  // of two that say the same somebody else has written one
    if (!aside || aside == before || in_both) {
      TRY_VOID(sync_in(place.directory, path));
      return !in_both;
    }
    return now ? swap_back(place, file_at(place, place.name)) : move_back(place);
  }

  std::vector<Error> sweep(const std::string& spared) override {
    std::vector<Error> left;
    for (const BootPlace& file : kBootPlaces) {
      const OrErrno<Descriptor> directory = folders_.find(file);
      if (!directory && directory.error() == ENOTDIR) continue;  // nothing was ever staged there
      const std::string path = root_.shown(file.path);
      if (!directory)
        left.push_back(directory.error() == EXDEV ? folders_.open(file).error()
                                                  : cannot_use(path, directory.error()).value());
      if (directory && *directory) sweep_directory(directory->get(), path, staged_name(spared), left);
    }
    folders_.take_back();
    return left;
  }

 private:
  // A boot file and what is staged for it, in one directory.
  struct Place {
    int directory;
    const char* name;
    std::string staged;
    std::string path;  // for messages
  };

  static Result<void> check_may_go(const Place& place) {
    struct statx status = {};
    const std::string path = beside(place.path, place.staged);
    if (::statx(place.directory, place.staged.c_str(), AT_SYMLINK_NOFOLLOW, STATX_MODE, &status) < 0) return {};
    if (is_frozen(status)) return frozen(path);
    if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return cannot_use(path, EBUSY);
    const bool looked_around = ::statx(place.directory, ".", 0, STATX_MODE, &status) == 0;
    if (looked_around && is_frozen(status)) return frozen(directory_of(place.path));
    const bool may_write = ::faccessat(place.directory, ".", W_OK | X_OK, AT_EACCESS) == 0;
    return may_write ? Result<void>() : cannot_use(place.path, errno);
  }

  static OrErrno<void> swap(const Place& place) {
    const int done = ::renameat2(place.directory, place.staged.c_str(), place.directory, place.name, RENAME_EXCHANGE);
    return done < 0 ? OrErrno<void>(tl::unexpected<int>(errno)) : OrErrno<void>();
  }

  static OrErrno<void> replace(const Place& place) {
    const int done = ::renameat(place.directory, place.staged.c_str(), place.directory, place.name);
    return done < 0 ? OrErrno<void>(tl::unexpected<int>(errno)) : OrErrno<void>();
  }

  // nullopt: it is missing by now, or a link, which the exchange finds out.
  static Result<std::optional<FileAttributes>> attributes_in(const Place& place, const std::string& name) {
    const OrErrno<Descriptor> file = open_plain_in(place.directory, name);
    if (!file && (file.error() == ENOENT || file.error() == ELOOP)) return std::optional<FileAttributes>();
    const std::string path = beside(place.path, name);
    if (!file) return cannot_use(path, file.error());
    TRY_VOID(check_plain(file->get(), path));
    const OrErrno<FileAttributes> found = attributes_of(file->get());
    return found ? Result<std::optional<FileAttributes>>(*found) : cannot_use(path, found.error());
  }

  // Since the file was staged, up to a day ago, somebody may have decided anew who may read and write the one that it
  // replaces, or have given the staged one to others. It needs no more descriptors at a time than staging did: what is
  // decided must not fail for want of one.
  static Result<void> take_after_present(const Place& place, bool is_new) {
    std::optional<FileAttributes> wanted = of_a_new_file();
    if (!is_new) {
      TRY(wanted, attributes_in(place, place.name));
    }
    TRY(const auto now, attributes_in(place, place.staged));
    if (!wanted || !now || *wanted == *now) return {};
    const OrErrno<Descriptor> staged = open_plain_in(place.directory, place.staged);
    if (!staged) return cannot_use(place.path, staged.error());
    OrErrno<void> given = give_attributes(staged->get(), *wanted);
    if (given) given = sync(staged->get());
    return given ? Result<void>() : not_prepared(place.path, given.error());
  }

  // Whether what has been moved aside is what the caller took it for. It has no other name that anybody would write to.
  static Result<bool> was(const Place& place, const std::string& before) {
    TRY(const std::optional<std::string> found, read_in(place.directory, place.staged, place.path));
    return found == before;
  }

  // Which file has that name, whatever it holds; 0: none.
  static ino_t file_at(const Place& place, const char* name) {
    struct stat status = {};
    return ::fstatat(place.directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
  }

  // What has been moved aside is somebody else's and goes back. Whoever changes the file meanwhile keeps that, too:
  // then the exchange does not take away what the last one has put there, first `ours`, and there is one more.
  static Result<bool> swap_back(const Place& place, ino_t ours) {
    constexpr int kMostTries = 1000;
    ino_t put_there = ours;
    for (int i = 0; i < kMostTries; ++i) {
      const ino_t next = file_at(place, place.staged.c_str());
      const OrErrno<void> moved = swap(place);
      if (!moved && moved.error() != ENOENT) return cannot_use(place.path, moved.error());
      if (!moved || file_at(place, place.staged.c_str()) == put_there) break;  // or somebody has removed it
      put_there = next;
    }
    TRY_VOID(sync_in(place.directory, place.path));
    return false;
  }

  // The same where the file was moved away. Whoever has made a new one meanwhile keeps that.
  static Result<bool> move_back(const Place& place) {
    const OrErrno<void> moved = rename_new(place.directory, place.staged, place.directory, place.name);
    if (!moved && moved.error() != EEXIST) return cannot_use(place.path, moved.error());
    TRY_VOID(sync_in(place.directory, place.path));
    return false;
  }

  static Result<void> drop(const Place& place) {
    const auto gone = remove_entry(place.directory, place.staged);
    return gone ? Result<void>() : cannot_use(place.path, gone.error());
  }

  static Result<bool> drop_staged(const Place& place) {
    TRY_VOID(drop(place));
    TRY_VOID(sync_in(place.directory, place.path));
    return true;
  }

  // A file of those bytes gets a fresh name, and then its staged name by the rename that the decision will need: a file
  // system that cannot do it shows here. No bytes: only that is tried, where there is room for a file to try it with,
  // which the removal itself needs none of.
  static Result<void> write_fresh(const Place& place, const std::string& fresh,
                                  const std::optional<std::string>& bytes) {
    const OrErrno<Descriptor> old_file = open_plain_in(place.directory, place.name);
    if (!old_file && old_file.error() != ENOENT) return cannot_use(place.path, old_file.error());
    if (old_file) TRY_VOID(check_plain(old_file->get(), place.path));
    // Reading it back after the decision takes one descriptor more than making it: want of it is to show here.
    const Descriptor spare(::fcntl(place.directory, F_DUPFD_CLOEXEC, 0));
    if (!spare) return not_prepared(place.path, errno);
    const auto finish = [&](int file) { return take_after(old_file ? old_file->get() : -1, file); };
    const OrErrno<void> written = create_synced(place.directory, fresh, bytes.value_or(""), finish);
    const OrErrno<void> named =
        written ? rename_new(place.directory, fresh, place.directory, place.staged) : OrErrno<void>();
    if (written && named) return {};
    (void)remove_entry(place.directory, fresh);
    if (!bytes && !written && (written.error() == ENOSPC || written.error() == EDQUOT)) return {};
    if (!written) return not_prepared(place.path, written.error());
    if (!lacks_flag(named.error())) return not_prepared(place.path, named.error());
    return fail(
        ErrorCode::unsupported,
        fmt::format("the file system of {} cannot rename without replacing (RENAME_NOREPLACE)", escape(place.path)),
        "choose a file elsewhere with --boot-file, or apply with --scope live");
  }

  static void sweep_directory(int directory, std::string_view path, const std::string& spared,
                              std::vector<Error>& left) {
    std::vector<std::string> staged;
    const OrErrno<void> read = for_each_name(open_entries(directory, "."), [&](std::string_view name) {
      if (name.starts_with(kStagedPrefix) && name.ends_with(kStagedSuffix) && name != spared) staged.emplace_back(name);
      return true;
    });
    if (!read) left.push_back(cannot_use(directory_of(path), read.error()).value());
    std::sort(staged.begin(), staged.end());
    for (const std::string& name : staged) {
      if (const auto gone = remove_entry(directory, name); !gone) {
        left.push_back(cannot_use(beside(path, name), gone.error()).value());
      }
    }
  }

  static Result<std::optional<std::string>> read_in(int directory, const std::string& name, std::string_view path) {
    const OrErrno<Descriptor> file = open_plain_in(directory, name);
    if (!file && file.error() == ENOENT) return std::optional<std::string>();
    if (!file) return cannot_use(path, file.error());
    TRY_VOID(check_plain(file->get(), path));
    const OrErrno<std::string> bytes = read_bytes(file->get(), kBootFileLimit);
    if (!bytes) return cannot_use(path, bytes.error());
    if (bytes->size() > kBootFileLimit) {
      return fail(ErrorCode::invalid, fmt::format("{}: larger than {}", escape(path), size_text(kBootFileLimit)));
    }
    return std::optional(*bytes);
  }

  static Result<void> sync_in(int directory, std::string_view path) {
    if (const auto synced = sync(directory); !synced) {
      return fail(ErrorCode::failed, fmt::format("{} is in place, but not proven to be on disk: {}", escape(path),
                                                 system_says(synced.error())));
    }
    return {};
  }

  const Root& root_;
  BootFolders folders_;
};

}  // namespace

std::unique_ptr<BootFileStore> make_boot_file_store(const Root& root) { return std::make_unique<EtcFiles>(root); }

}  // namespace twctl
