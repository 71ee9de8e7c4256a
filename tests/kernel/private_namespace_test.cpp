// What is said where no namespaces can be made: it names the knob that forbids them.
#include "platform/linux/private_namespace.hpp"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/in_namespace.hpp"
#include "support/skip.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

using Knobs = std::vector<std::pair<std::string, std::string>>;  // "kernel/NAME" and its value; there are no others

enum class Who { root, plain_user };

// The code and the hint; the message where it is not that of such an errno.
std::string told_by(const Result<void>& entered, int error) {
  const std::string message =
      std::string("network namespaces to measure in cannot be made here: ") + std::strerror(error);
  if (entered) return "entered";
  if (entered.error().message != message) return entered.error().message;
  const bool denied = entered.error().code == ErrorCode::denied;
  const bool failed = entered.error().code == ErrorCode::failed;
  return (denied ? "denied: " : failed ? "failed: " : "unsupported: ") + entered.error().hint;
}

// Where unshare(2) fails so.
std::optional<std::string> hint_for(int error, const Knobs& knobs, Who who) {
  return in_namespace([&]() -> std::string {
    ::umask(022);
    for (const char* folder : {"/proc/sys/kernel", "/proc/sys/user"}) {
      if (::mount("none", folder, "tmpfs", 0, "mode=0755") != 0) return "cannot mount";
    }
    for (const auto& [name, value] : knobs) std::ofstream("/proc/sys/" + name) << value << "\n";
    if (who == Who::plain_user && ::setresuid(1000, 1000, 1000) != 0) return "still root";
    forbid_system_call(SYS_unshare, error);
    return told_by(enter_private_namespace(), error);
  });
}

}  // namespace

TEST_CASE("what forbids namespaces to a plain user is named") {
  if (::geteuid() != 0) SKIP_TEST("needs root to take on another user");
  const auto denied = [](const Knobs& knobs) { return hint_for(EPERM, knobs, Who::plain_user).value_or("none"); };
  const std::string debian = "kernel/unprivileged_userns_clone";
  const std::string apparmor = "kernel/apparmor_restrict_unprivileged_userns";
  if (denied({}) == "none") SKIP_TEST("no namespaces here");
  CHECK(denied({{debian, "0"}, {apparmor, "1"}}) == "denied: kernel.unprivileged_userns_clone is 0: run it as root");
  CHECK(denied({{debian, "1"}, {apparmor, "1"}}) ==
        "denied: kernel.apparmor_restrict_unprivileged_userns is 1 (AppArmor): run it as root");
  const std::string policy = "denied: a policy forbids user namespaces (seccomp, SELinux, a chroot): run it as root";
  CHECK(denied({{debian, "1"}, {apparmor, "0"}}) == policy);
  CHECK(denied({}) == policy);
}

TEST_CASE("the limit that keeps namespaces from being made is named, both where neither is 0") {
  const std::string users = "user/max_user_namespaces";
  const std::string networks = "user/max_net_namespaces";
  for (const int error : {ENOSPC, EUSERS}) {
    const auto full = [error](const Knobs& knobs) { return hint_for(error, knobs, Who::root).value_or("none"); };
    if (full({}) == "none") SKIP_TEST("no namespaces here");
    CHECK(full({{users, "0"}, {networks, "9"}}) == "unsupported: user.max_user_namespaces is 0");
    CHECK(full({{users, "9"}, {networks, "0"}}) == "unsupported: user.max_net_namespaces is 0");
    CHECK(full({{users, "9"}, {networks, "9"}}) ==
          "unsupported: see user.max_user_namespaces and user.max_net_namespaces");
  }
}

TEST_CASE("want of memory for a namespace is a failure, and nothing is said against the host") {
  const auto said = hint_for(ENOMEM, {}, Who::root);
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "failed: ");
}
