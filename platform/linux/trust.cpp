#include "platform/linux/trust.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr uid_t kOverflowUid = 65534;  // what an owner looks like who has no number in this user namespace

constexpr std::int64_t kConfigfs = 0x62656570;
constexpr std::int64_t kFusectl = 0x65735543;

// The kernel's own. In the last two a file can be made, but not filled with what one likes.
constexpr std::array<std::int64_t, 17> kTakeNoFiles{
    PROC_SUPER_MAGIC,   SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,  TRACEFS_MAGIC,
    SECURITYFS_MAGIC,   SMACK_MAGIC, SELINUX_MAGIC,      DEVPTS_SUPER_MAGIC,  BINFMTFS_MAGIC, PSTOREFS_MAGIC,
    AUTOFS_SUPER_MAGIC, kConfigfs,   kFusectl,           EFIVARFS_MAGIC,      HUGETLBFS_MAGIC};

// The initial user namespace maps every number to itself: "0 0 4294967295".
bool in_initial_user_namespace() {
  const Descriptor map(::open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC));
  if (!map) return true;  // the stricter answer
  const auto text = read_bytes(map.get(), 4096);
  return !text || words(*text) == std::vector<std::string_view>{"0", "0", "4294967295"};
}

bool trusts_owner(uid_t owner) {
  return owner == 0 || owner == ::geteuid() || (owner == kOverflowUid && !in_initial_user_namespace());
}

// A user's own private group (umask 002 on Ubuntu and RHEL) holds nobody else; root's group memberships may.
bool trusts_group(const struct stat& status, gid_t group) {
  return group == 0 || (::geteuid() != 0 && group == ::getegid() && status.st_uid == ::geteuid());
}

using AclEntry = posix_acl_xattr_entry;

// nullopt: of a form that is not known. acl(5); little-endian, as the processors that this is built for.
std::optional<std::vector<AclEntry>> parse_acl(std::string_view bytes) {
  posix_acl_xattr_header header = {};
  if (bytes.size() < sizeof header || (bytes.size() - sizeof header) % sizeof(AclEntry) != 0) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.a_version != POSIX_ACL_XATTR_VERSION) return std::nullopt;
  std::vector<AclEntry> entries((bytes.size() - sizeof header) / sizeof(AclEntry));
  std::memcpy(entries.data(), bytes.data() + sizeof header, bytes.size() - sizeof header);
  return entries;
}

// Whom the entry lets write who is not trusted: "uid 1000"; "" for nobody. A mask has been applied already.
std::string writer_of(const AclEntry& entry, const struct stat& status) {
  if ((entry.e_perm & ACL_WRITE) == 0) return {};
  if (entry.e_tag == ACL_USER && !trusts_owner(entry.e_id)) return "uid " + std::to_string(entry.e_id);
  if (entry.e_tag != ACL_GROUP && entry.e_tag != ACL_GROUP_OBJ) return {};
  const gid_t group = entry.e_tag == ACL_GROUP ? entry.e_id : status.st_gid;
  return trusts_group(status, group) ? "" : "group " + std::to_string(group);
}

std::string acl_fault(const std::string& name, const std::vector<AclEntry>& entries, const struct stat& status) {
  for (const AclEntry& entry : entries) {
    const std::string who = writer_of(entry, status);
    if (!who.empty()) return name + " is writable by " + who;
  }
  return {};
}

// Where there is a list, the group's bits of the mode are its mask: no group's own.
std::string group_fault(const std::string& name, const PathStep& step) {
  const struct stat& status = step.status;
  if ((status.st_mode & S_IWGRP) == 0) return {};
  if (!step.acl) return name + ": its access control list cannot be read: " + system_says(step.acl.error());
  if (!step.acl->empty()) {
    const auto entries = parse_acl(*step.acl);
    return entries ? acl_fault(name, *entries, step.status) : name + " has an access control list of an unknown form";
  }
  if (trusts_group(status, status.st_gid)) return {};
  return name + " is writable by group " + std::to_string(status.st_gid);
}

// /tmp: everybody may add to it, nobody may replace what is another's.
bool is_sticky_of_root(const struct stat& status) {
  return S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0 && trusts_owner(status.st_uid);
}

std::string fault_of(const PathStep& step) {
  const struct stat& status = step.status;
  const bool is_link = S_ISLNK(status.st_mode);
  const std::string name = (is_link ? "the link " : "") + escape(step.path);
  if (!trusts_owner(status.st_uid)) return name + " is owned by uid " + std::to_string(status.st_uid);
  if (is_link || is_sticky_of_root(status)) return {};
  if ((status.st_mode & S_IWOTH) != 0) return name + " is writable by others";
  return group_fault(name, step);
}

}  // namespace

std::string why_distrusted(std::span<const PathStep> steps) {
  for (const PathStep& step : steps) {
    if (std::string why = fault_of(step); !why.empty()) return why;
  }
  return {};
}

std::string foreign_link(std::span<const PathStep> steps) {
  for (const PathStep& step : steps) {
    if (S_ISLNK(step.status.st_mode) && !trusts_owner(step.status.st_uid)) return fault_of(step);
  }
  return {};
}

tl::unexpected<Error> not_safe(std::string_view path, const Distrust& distrust) {
  constexpr const char* kUsual = "let only root change what is there: see `ls -ld` and `getfacl`";
  return fail(ErrorCode::denied, fmt::format("{} would not be safe: {}", escape(path), distrust.why),
              distrust.hint.empty() ? kUsual : distrust.hint);
}

bool may_make_in(int directory) {
  struct stat status = {};
  return ::geteuid() == 0 || (::fstat(directory, &status) == 0 && status.st_uid == ::geteuid());
}

// Without the group's right to write, no entry of an access control list gives it: it is their mask.
bool is_frozen(const struct statx& status) {
  return (status.stx_attributes & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE)) != 0;
}

tl::unexpected<Error> frozen(std::string_view path) {
  return fail(ErrorCode::denied, fmt::format("{} is immutable or append-only", escape(path)),
              fmt::format("see `lsattr -d {0}`; `chattr -ia {0}` lifts it", shell_word(path)));
}

tl::unexpected<Error> mounted(std::string_view path, std::string_view otherwise) {
  return fail(ErrorCode::denied, fmt::format("{} is a mount point, so it cannot be replaced", escape(path)),
              fmt::format("see `findmnt {0}`; `umount {0}`{1}", shell_word(path), otherwise));
}

Result<void> check_takes_files(int directory, std::string_view path) {
  struct statfs system = {};
  const bool looked = ::fstatfs(directory, &system) == 0;
  if (!looked || std::find(kTakeNoFiles.begin(), kTakeNoFiles.end(), system.f_type) == kTakeNoFiles.end()) return {};
  const std::string_view folder = directory_of(path);
  return fail(ErrorCode::denied,
              fmt::format("{} cannot be made: the file system of {} takes no new files", escape(path), escape(folder)),
              fmt::format("it is proc, sysfs or the like, mounted there: see `findmnt -T {}`", shell_word(folder)));
}

std::string closing_line(std::span<const PathStep> steps) {
  std::vector<std::string> commands;
  for (const PathStep& step : steps) {
    if (fault_of(step).empty()) continue;
    const struct stat& status = step.status;
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    const bool open = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky;
    if (!trusts_owner(status.st_uid)) commands.push_back("chown root:root " + shell_word(step.path));
    if (open) commands.push_back("chmod go-w " + shell_word(step.path));
  }
  return join(commands, " && ");
}

std::string copying_line(std::string_view path, std::string_view profiles) {
  const std::string name(path.substr(path.rfind('/') + 1));
  return "install -D -m 0644 -o root -g root " + shell_word(path) + " " +
         shell_word(std::string(profiles) + "/" + name);
}

}  // namespace twctl
