#include "platform/linux/private_namespace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr std::string_view kNone = "network namespaces to measure in cannot be made here: ";

std::string sysctl_text(const char* path) {
  const Descriptor file(::open(path, O_RDONLY | O_CLOEXEC));
  const OrErrno<std::string> text = file ? read_bytes(file.get(), 32) : OrErrno<std::string>("");
  return text ? std::string(trim(*text)) : "";
}

// Which of the knobs that distributions have is the likely one.
std::string who_forbids() {
  if (::geteuid() == 0) return "what runs twctl has taken CAP_SYS_ADMIN away (a container, seccomp)";
  if (sysctl_text("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
    return "kernel.unprivileged_userns_clone is 0: run it as root";
  }
  if (sysctl_text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
    return "kernel.apparmor_restrict_unprivileged_userns is 1 (AppArmor): run it as root";
  }
  return "a policy forbids user namespaces (seccomp, SELinux, a chroot): run it as root";
}

std::string which_limit() {
  for (const std::string_view name : {"user.max_user_namespaces", "user.max_net_namespaces"}) {
    const std::string path = "/proc/sys/user/" + std::string(name.substr(name.find('.') + 1));
    if (sysctl_text(path.c_str()) == "0") return std::string(name) + " is 0";
  }
  return "see user.max_user_namespaces and user.max_net_namespaces";
}

Error cannot_make(int error) {
  const std::string message = std::string(kNone) + system_says(error);
  if (is_denied(error)) return {.code = ErrorCode::denied, .message = message, .hint = who_forbids()};
  if (error == ENOSPC || error == EUSERS) {
    return {.code = ErrorCode::unsupported, .message = message, .hint = which_limit()};
  }
  if (error == EINVAL || error == ENOSYS) {
    return {.code = ErrorCode::unsupported,
            .message = message,
            .hint = "this kernel is built without user or network namespaces"};
  }
  return {.code = ErrorCode::failed, .message = message};
}

int write_text(const char* path, const std::string& text) {
  const Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

// Inside this user is root: that is what the network namespace's settings ask for. AppArmor on Ubuntu 24.04 lets the
// namespace come about and refuses these first writes.
Result<void> become_root_inside(unsigned user, unsigned group) {
  int error = write_text("/proc/self/setgroups", "deny");
  if (error == ENOENT) error = 0;  // before Linux 3.19
  if (error == 0) error = write_text("/proc/self/uid_map", fmt::format("0 {} 1", user));
  if (error == 0) error = write_text("/proc/self/gid_map", fmt::format("0 {} 1", group));
  if (error != 0) return fail(cannot_make(error));
  return {};
}

}  // namespace

Result<void> enter_private_namespace() {
  const unsigned user = ::geteuid();
  const unsigned group = ::getegid();
  if (::unshare(CLONE_NEWNET) == 0) return {};
  if (errno != EPERM) return fail(cannot_make(errno));
  if (::unshare(CLONE_NEWUSER) != 0) return fail(cannot_make(errno));
  TRY_VOID(become_root_inside(user, group));
  return enter_second_namespace();
}

Result<void> enter_second_namespace() {
  if (::unshare(CLONE_NEWNET) != 0) return fail(cannot_make(errno));
  return {};
}

}  // namespace twctl
