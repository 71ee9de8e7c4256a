#include "platform/linux/trust.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr uid_t kOverflowUid = 65534;  // what an owner looks like who has no number in this user namespace

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
bool trusts_group(const struct stat& status) {
  return status.st_gid == 0 || (::geteuid() != 0 && status.st_gid == ::getegid() && status.st_uid == ::geteuid());
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
  if ((status.st_mode & S_IWGRP) != 0 && !trusts_group(status)) {
    return name + " is writable by group " + std::to_string(status.st_gid);
  }
  return {};
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

std::string mending_line(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return "install -D -m 0644 -o root -g root " + shell_word(path) + " " +
         shell_word("/etc/twctl/profiles/" + std::string(name));
}

}  // namespace twctl
