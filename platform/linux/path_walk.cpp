#include "platform/linux/path_walk.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr int kMostLinks = 40;  // as the kernel
// Going up is going down from the root again, so that a link of somebody's ("x/../" as often as it has room) in a deep
// folder would have us open millions. No path of 4096 bytes needs as many that has no ".." and some links.
constexpr int kMostOpened = 10'000;
constexpr std::size_t kLongestAcl = 16 * 1024;  // bytes; 2,000 entries, and the kernel's file systems hold fewer
constexpr int kLook = O_PATH | O_NOFOLLOW | O_CLOEXEC;

OrErrno<Descriptor> open_at(int directory, const char* name, int flags) {
  Descriptor opened(::openat(directory, name, flags | O_CLOEXEC));
  if (!opened) return tl::unexpected(errno);
  return opened;
}

// By the name that /proc has for the descriptor: fgetxattr() takes none of O_PATH. A link has no such list, and where
// the group's bits, which are the list's mask, do not let write, no list does.
OrErrno<std::string> acl_of(int descriptor, const struct stat& status) {
  if (S_ISLNK(status.st_mode) || (status.st_mode & S_IWGRP) == 0) return "";
  std::array<char, kLongestAcl> bytes;
  const std::string name = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = ::getxattr(name.c_str(), "system.posix_acl_access", bytes.data(), bytes.size());
  if (length >= 0) return std::string(bytes.data(), static_cast<std::size_t>(length));
  if (errno == ENODATA || errno == ENOTSUP) return "";
  return tl::unexpected(errno);
}

// One walk: where it stands, the names that lead there, and the components still to go (the next one last).
class Walk {
 public:
  Walk(int root, std::string_view path, std::vector<PathStep>* steps) : root_(root), steps_(steps) { append(path); }

  OrErrno<Descriptor> open(int flags);

 private:
  void append(std::string_view path);
  OrErrno<Descriptor> look_at(const std::string& name, int flags);
  OrErrno<void> stand_at_root();
  OrErrno<void> step_up();
  OrErrno<void> step(const std::string& name);
  OrErrno<void> follow(int link);
  OrErrno<Descriptor> open_last(int flags);
  [[nodiscard]] std::string path_to(std::string_view name) const;
  void record(std::string path, int descriptor, const struct stat& status);

  int root_;
  std::vector<PathStep>* steps_;
  std::vector<std::string> to_go_;
  std::vector<std::string> names_;  // of the directories from the root to `here_`
  Descriptor here_;
  Descriptor last_;  // O_PATH, once a component was no directory
  std::string last_name_;
  int links_ = 0;
  int opened_ = 0;
};

void Walk::append(std::string_view path) {
  auto parts = split(path, '/');
  std::reverse(parts.begin(), parts.end());
  for (const std::string_view part : parts) {
    if (!part.empty() && part != ".") to_go_.emplace_back(part);
  }
}

std::string Walk::path_to(std::string_view name) const {
  std::string path;
  for (const std::string& directory : names_) path.append("/").append(directory);
  return path.append("/").append(name);
}

void Walk::record(std::string path, int descriptor, const struct stat& status) {
  if (steps_ != nullptr) steps_->push_back({std::move(path), status, acl_of(descriptor, status)});
}

OrErrno<Descriptor> Walk::look_at(const std::string& name, int flags) {
  if (++opened_ > kMostOpened) return tl::unexpected(ELOOP);
  return open_at(here_.get(), name.c_str(), flags);
}

OrErrno<void> Walk::stand_at_root() {
  auto root = open_at(root_, ".", kLook | O_DIRECTORY);
  if (!root) return tl::unexpected(root.error());
  here_ = *std::move(root);
  names_.clear();
  return {};
}

// The names passed so far are directories already looked at, so going down to one above again follows no link.
OrErrno<void> Walk::step_up() {
  std::vector<std::string> names = names_;
  if (!names.empty()) names.pop_back();
  if (auto done = stand_at_root(); !done) return done;
  for (std::string& name : names) {
    auto next = look_at(name, kLook | O_DIRECTORY);
    if (!next) return tl::unexpected(next.error());
    here_ = *std::move(next);
    names_.push_back(std::move(name));
  }
  return {};
}

OrErrno<void> Walk::follow(int link) {
  if (++links_ > kMostLinks) return tl::unexpected(ELOOP);
  std::array<char, PATH_MAX> text;
  const ssize_t length = ::readlinkat(link, "", text.data(), text.size());
  if (length < 0) return tl::unexpected(errno);
  const std::string_view target(text.data(), static_cast<std::size_t>(length));
  append(target);
  if (target.starts_with('/')) return stand_at_root();
  return {};
}

OrErrno<void> Walk::step(const std::string& name) {
  auto next = look_at(name, kLook);
  if (!next) return tl::unexpected(next.error());
  struct stat status = {};
  if (::fstat(next->get(), &status) != 0) return tl::unexpected(errno);
  record(path_to(name), next->get(), status);
  if (S_ISLNK(status.st_mode)) return follow(next->get());
  if (S_ISDIR(status.st_mode)) {
    here_ = *std::move(next);
    names_.push_back(name);
    return {};
  }
  if (!to_go_.empty()) return tl::unexpected(ENOTDIR);
  last_ = *std::move(next);
  last_name_ = name;
  return {};
}

OrErrno<Descriptor> Walk::open_last(int flags) {
  if (!last_) return open_at(here_.get(), ".", flags);
  if ((flags & O_DIRECTORY) != 0) return tl::unexpected(ENOTDIR);
  const auto by_name = [&] { return open_at(here_.get(), last_name_.c_str(), flags | O_NOFOLLOW); };
  return open_plain(std::move(last_), flags, by_name);
}

OrErrno<Descriptor> Walk::open(int flags) {
  if (auto done = stand_at_root(); !done) return tl::unexpected(done.error());
  struct stat status = {};
  if (::fstat(here_.get(), &status) != 0) return tl::unexpected(errno);
  record("/", here_.get(), status);
  while (!to_go_.empty()) {
    const std::string name = std::move(to_go_.back());
    to_go_.pop_back();
    auto done = name == ".." ? step_up() : step(name);
    if (!done) return tl::unexpected(done.error());
  }
  return open_last(flags);
}

}  // namespace

OrErrno<Descriptor> open_plain(Descriptor found, int flags, const std::function<OrErrno<Descriptor>()>& by_name) {
  struct stat status = {};
  if (::fstat(found.get(), &status) != 0) return tl::unexpected(errno);
  if (!S_ISREG(status.st_mode) || (flags & O_PATH) != 0) return found;
  Descriptor by_number(::open(fmt::format("/proc/self/fd/{}", found.get()).c_str(), flags | O_CLOEXEC));
  if (by_number) return by_number;
  if (errno != ENOENT) return tl::unexpected(errno);
  auto opened = by_name();
  if (!opened) return opened;
  struct stat now = {};
  if (::fstat(opened->get(), &now) != 0) return tl::unexpected(errno);
  if (!same_file(now, status)) return tl::unexpected(ESTALE);
  return opened;
}

OrErrno<PathStep> step_at(int descriptor, std::string path) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return tl::unexpected(errno);
  return PathStep{std::move(path), status, acl_of(descriptor, status)};
}

OrErrno<Descriptor> walk(int root, std::string_view path, int flags, std::vector<PathStep>* steps) {
  return Walk(root, path, steps).open(flags);
}

}  // namespace twctl
