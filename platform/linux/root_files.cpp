#include "platform/linux/root_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/linux/trust.hpp"
#include "platform/output_file.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/terminal.hpp"

namespace twctl {
namespace {

// O_NONBLOCK: a FIFO without a writer must not hold us up. O_NOCTTY: a terminal must not become ours.
constexpr int kRead = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

Error not_readable(std::string_view path, std::string_view why) {
  return Error{.code = ErrorCode::no_input, .message = "cannot read " + escape(path) + ": " + std::string(why)};
}

Error too_large(std::string_view path, std::size_t limit) {
  return Error{.code = ErrorCode::invalid, .message = escape(path) + ": larger than " + size_text(limit)};
}

// Size, which is returned, and kind are looked at before a byte is read.
Result<std::size_t> check_readable(std::string_view path, int descriptor, std::size_t limit) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return fail(cannot_read(path, errno));
  if (S_ISDIR(status.st_mode)) return fail(not_readable(path, "is a directory"));
  if (!S_ISREG(status.st_mode)) return fail(not_readable(path, "is not a regular file"));
  if (status.st_size > static_cast<off_t>(limit)) return fail(too_large(path, limit));
  return static_cast<std::size_t>(status.st_size);
}

Result<std::string> read_whole(std::string_view path, int descriptor, std::size_t limit) {
  TRY(const std::size_t size, check_readable(path, descriptor, limit));
  auto bytes = read_bytes(descriptor, limit, size);
  if (!bytes) return fail(cannot_read(path, bytes.error()));
  if (bytes->size() > limit) return fail(too_large(path, limit));
  return *std::move(bytes);
}

Result<TrustedBytes> read_standard_input(std::size_t limit) {
  TRY(std::string bytes, read_on(limit + 1));
  if (bytes.empty()) return fail(ErrorCode::invalid, "standard input is empty");
  if (bytes.size() > limit) return fail(too_large("standard input", limit));
  return TrustedBytes{std::move(bytes), {}, {}};
}

Result<OrErrno<Descriptor>> walk_to(const Root& root, std::string_view path, std::vector<PathStep>& steps) {
  if (path.starts_with('/')) return root.walk(path, kRead, steps);
  TRY(const std::string whole_path, absolute(path));  // the directories above it are judged too
  const Descriptor top(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return walk(top.get(), whole_path, kRead, &steps);
}

std::optional<std::string> link_text(int directory, std::string_view path) {
  std::array<char, PATH_MAX> text;
  const ssize_t length = ::readlinkat(directory, std::string(path).c_str(), text.data(), text.size());
  if (length < 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace

Result<std::optional<std::string>> RootFiles::read(std::string_view path, std::size_t limit) {
  auto file = open(path, kRead);
  if (!file && is_missing(file.error())) return std::optional<std::string>{};
  if (!file) return fail(cannot_read(path, file.error()));
  return read_whole(path, file->get(), limit);
}

Result<std::vector<std::string>> RootFiles::list(std::string_view directory) {
  TRY(std::vector<std::string> names, list_up_to(directory, kMostNames + 1));
  if (names.size() <= kMostNames) return names;
  const auto refusal = fail(
      ErrorCode::invalid, fmt::format("{} has more than {} entries, which are not read", escape(directory), kMostNames),
      "see which package or person has put them there");
  if (listed_) listed_ = refusal;
  return refusal;
}

Result<std::vector<std::string>> RootFiles::list_all(std::string_view directory) {
  return list_up_to(directory, SIZE_MAX);
}

Result<std::vector<std::string>> RootFiles::list_up_to(std::string_view directory, std::size_t most) const {
  auto opened = open(directory, O_RDONLY | O_DIRECTORY);
  if (!opened && is_missing(opened.error())) return std::vector<std::string>{};
  if (!opened) return fail(cannot_read(directory, opened.error()));
  auto names = names_in(*opened, most);
  if (!names) return fail(cannot_read(directory, names.error()));
  return *std::move(names);
}

// These two are asked often, so the running system answers each with one call.
std::optional<std::string> RootFiles::link_target(std::string_view path) {
  if (root_.is_running_system()) return link_text(AT_FDCWD, path);
  const std::size_t slash = path.rfind('/');
  const auto directory = open(path.substr(0, slash + 1), O_PATH | O_DIRECTORY);
  return directory ? link_text(directory->get(), path.substr(slash + 1)) : std::nullopt;
}

bool RootFiles::exists(std::string_view path) {
  // What cannot be asked for is taken as there: that an init is missing, say, would have a plan leave out the boot
  // file.
  if (root_.is_running_system())
    return ::access(std::string(path).c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
  return open(path, O_PATH).has_value();
}

bool RootFiles::executable(std::string_view path) {
  const auto opened = open(path, O_PATH);
  struct stat status = {};
  if (!opened || ::fstat(opened->get(), &status) != 0) return false;
  return S_ISREG(status.st_mode) && (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

std::vector<std::string> profile_directories() { return {"/etc/twctl/profiles", "/usr/share/twctl/profiles"}; }

Result<TrustedBytes> RootFiles::read_profile(std::string_view path, std::size_t limit) {
  if (path == "-") return read_standard_input(limit);
  std::vector<PathStep> steps;
  TRY(auto file, walk_to(root_, path, steps));
  if (const std::string link = foreign_link(steps); !link.empty()) {
    return fail(ErrorCode::denied, "not read: " + link + ", who decides where it leads",
                "name the file that it leads to, or make the link yourself");
  }
  if (!file) return fail(cannot_read(path, file.error() == ENXIO ? EINVAL : file.error()));
  TRY(std::string bytes, read_whole(path, file->get(), limit));
  const std::string distrust = why_distrusted(steps);
  if (distrust.empty()) return TrustedBytes{std::move(bytes), {}, {}};
  return TrustedBytes{std::move(bytes), distrust, mending_line(path, steps), closing_line(steps)};
}

// A copy among the administrator's profiles mends it; but not what is there already, nor the way there.
std::string RootFiles::mending_line(std::string_view path, std::span<const PathStep> steps) const {
  constexpr std::string_view kOwn = "/etc/twctl/profiles";
  const OrErrno<Descriptor> copy = root_.open(fmt::format("{}/{}", kOwn, path.substr(path.rfind('/') + 1)), O_PATH);
  if (copy) return closing_line(steps);
  std::vector<PathStep> way;
  (void)root_.walk(kOwn, O_PATH, way);
  if (!why_distrusted(way).empty()) return closing_line(way);
  return copying_line(path.starts_with('/') ? root_.shown(path) : std::string(path), root_.shown(kOwn));
}

Result<void> RootFiles::write_output(std::string_view path, std::string_view bytes) {
  return replace_output(path, bytes);
}

}  // namespace twctl
