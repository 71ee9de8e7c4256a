#include "platform/linux/changes_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <type_traits>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/linux/private_files.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

template <class T>
Result<T> told(OrErrno<T> done) {
  if (!done) return fail(ErrorCode::failed, system_says(done.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(done);
  }
}

// Does it with the directory below that one that `path` lies in, and its name there.
template <class Action>
OrErrno<void> at(int directory, const std::string& path, const Action& act) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) return act(directory, path);
  const Descriptor folder = open_directory(directory, path.substr(0, slash).c_str());
  if (!folder) return tl::unexpected<int>(errno);
  return act(folder.get(), path.substr(slash + 1));
}

}  // namespace

bool ChangesFolder::is(const ChangesFolder& other) const {
  struct stat one = {};
  struct stat two = {};
  const bool looked = ::fstat(directory_.get(), &one) == 0 && ::fstat(other.directory_.get(), &two) == 0;
  return !looked || same_file(one, two);
}

Result<std::vector<std::string>> ChangesFolder::names() { return told(names_in(directory_.get())); }

Result<std::optional<std::string>> ChangesFolder::read(const std::string& path, std::size_t limit) {
  TRY(const bool there, has_folder_of(path));
  if (!there) return std::optional<std::string>();
  const Descriptor file = open_file(directory_.get(), path.c_str(), O_RDONLY);
  if (!file && errno == ENOENT) return std::optional<std::string>();
  if (!file) return failed(errno == ELOOP ? ErrorCode::invalid : code_for(errno), escape(path), errno);
  TRY_VOID(check_plain_file(file.get(), path, ErrorCode::invalid));
  TRY_VOID(check_ours(file.get(), whole(path), 022));  // one that a copy has made readable cannot be read here
  const OrErrno<std::string> bytes = read_bytes(file.get(), limit);
  if (!bytes) return failed(ErrorCode::failed, escape(path), bytes.error());
  if (bytes->size() > limit) return fail(ErrorCode::invalid, fmt::format("it is larger than {}", size_text(limit)));
  return std::optional(*bytes);
}

Result<bool> ChangesFolder::has(const std::string& path) {
  TRY(const bool there, has_folder_of(path));
  if (!there) return false;
  struct stat status = {};
  if (::fstatat(directory_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failed(code_for(errno), escape(path), errno);
}

Result<void> ChangesFolder::make_folder(const std::string& name) { return told(make_private(directory_.get(), name)); }

Result<void> ChangesFolder::create_file(const std::string& path, std::string_view bytes) {
  return told(at(directory_.get(), path,
                 [&](int directory, const std::string& name) { return create_synced(directory, name, bytes); }));
}

Result<DurableFolder::Move> ChangesFolder::rename_new(const std::string& from, const std::string& to) {
  const std::size_t slash = to.find('/');
  const std::string folder = slash == std::string::npos ? "" : to.substr(0, slash);
  Descriptor into = folder.empty() ? Descriptor() : open_directory(directory_.get(), folder.c_str());
  if (!folder.empty() && !into) return told<Move>(tl::unexpected<int>(errno));
  const OrErrno<void> done = twctl::rename_new(directory_.get(), from, into ? into.get() : directory_.get(),
                                               folder.empty() ? to : to.substr(slash + 1));
  if (!done && done.error() == EEXIST) return Move::target_exists;
  if (!done && done.error() == ENOENT) return Move::source_missing;
  if (!done && done.error() == EXDEV) return Move::fixed;
  TRY_VOID(told(done));
  renamed_into_ = {folder, std::move(into)};
  return Move::done;
}

Result<void> ChangesFolder::sync(const std::string& folder) {
  const auto [name, opened] = std::exchange(renamed_into_, {});
  if (opened && name == folder) return told(twctl::sync(opened.get()));
  return told(at(directory_.get(), folder.empty() ? "" : folder + "/",
                 [](int directory, const std::string&) { return twctl::sync(directory); }));
}

Result<void> ChangesFolder::remove(const std::string& path) { return told(at(directory_.get(), path, remove_entry)); }

// Whether the change that `path` is in has its folder. Only one that nobody else could have made or filled is
// entered.
Result<bool> ChangesFolder::has_folder_of(const std::string& path) const {
  const std::string name = path.substr(0, path.find('/'));
  struct stat status = {};
  if (::fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
    return errno == ENOENT ? Result<bool>(false) : failed(code_for(errno), whole(name), errno);
  }
  if (!S_ISDIR(status.st_mode))
    return failed(ErrorCode::denied, whole(name), S_ISLNK(status.st_mode) ? ELOOP : ENOTDIR);
  TRY_VOID(check_ours(status, whole(name)));
  return true;
}

std::string ChangesFolder::whole(const std::string& path) const { return fmt::format("{}/{}", path_, escape(path)); }

}  // namespace twctl
