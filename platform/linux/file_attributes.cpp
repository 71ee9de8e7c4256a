#include "platform/linux/file_attributes.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::string_view kLabels = "security.";
constexpr std::array<std::string_view, 2> kOfThePrivileged{kLabels, "trusted."};

// What integrity measurement says of a file's bytes. It is not true of others, and of each file the kernel says it
// anew.
constexpr std::array<std::string_view, 2> kOfTheBytes{"security.ima", "security.evm"};

OrErrno<void> check(int result) {
  if (result < 0) return tl::unexpected<int>(errno);
  return {};
}

OrErrno<std::map<std::string, std::string>> extended_of(int file) {
  std::map<std::string, std::string> found;
  std::vector<char> names(64 * 1024);
  const ssize_t length = ::flistxattr(file, names.data(), names.size());
  if (length < 0 && errno == ENOTSUP) return found;
  if (length < 0) return tl::unexpected<int>(errno);
  for (const std::string_view name : split(std::string_view(names.data(), static_cast<std::size_t>(length)), '\0')) {
    if (name.empty() || is_one_of(name, kOfTheBytes)) continue;
    std::vector<char> value(64 * 1024);
    const ssize_t size = ::fgetxattr(file, std::string(name).c_str(), value.data(), value.size());
    if (size < 0) return tl::unexpected<int>(errno);
    found.emplace(name, std::string(value.data(), static_cast<std::size_t>(size)));
  }
  return found;
}

// What the file has and is not to have. A label that the kernel gives each file of its own accord stays.
OrErrno<void> drop_others(int file, const std::map<std::string, std::string>& wanted) {
  const auto present = extended_of(file);
  if (!present) return tl::unexpected<int>(present.error());
  for (const auto& [name, value] : *present) {
    if (wanted.contains(name) || ::fremovexattr(file, name.c_str()) == 0) continue;
    if (!(name.starts_with(kLabels) && is_denied(errno))) return tl::unexpected<int>(errno);
  }
  return {};
}

}  // namespace

OrErrno<FileAttributes> attributes_of(int file) {
  struct stat status = {};
  if (::fstat(file, &status) < 0) return tl::unexpected<int>(errno);
  auto extended = extended_of(file);
  if (!extended) return tl::unexpected<int>(extended.error());
  return FileAttributes{status.st_uid, status.st_gid, status.st_mode & 07777U, *std::move(extended)};
}

// The mode comes last: until then the file is its owner's alone, and with a list the group's bits are the list's mask.
OrErrno<void> give_attributes(int file, const FileAttributes& wanted) {
  OrErrno<void> done = check(::fchmod(file, S_IRUSR | S_IWUSR));
  if (done) done = check(::fchown(file, wanted.owner, wanted.group));
  if (done) done = drop_others(file, wanted.extended);
  for (const auto& [name, value] : wanted.extended) {
    if (done) done = check(::fsetxattr(file, name.c_str(), value.data(), value.size(), 0));
  }
  return done ? check(::fchmod(file, wanted.mode)) : done;
}

std::string label_refused(const std::map<std::string, std::string>& extended, const Descriptor& trial) {
  for (const auto& [name, value] : extended) {
    const std::string_view label = name;
    const bool tried = std::any_of(kOfThePrivileged.begin(), kOfThePrivileged.end(),
                                   [&](std::string_view kind) { return label.starts_with(kind); });
    if (!tried || ::fsetxattr(trial.get(), name.c_str(), value.data(), value.size(), 0) == 0) continue;
    if (is_denied(errno)) return name;
  }
  return {};
}

}  // namespace twctl
