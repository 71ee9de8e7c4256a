#include "support/namespace.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "support/in_namespace.hpp"

namespace twctl::test {
namespace {

ino_t network_namespace() {
  struct stat status = {};
  return ::stat("/proc/thread-self/ns/net", &status) == 0 ? status.st_ino : 0;
}

const ino_t kNamespaceAtStart = network_namespace();

std::string failure(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

bool become_root_of_a_user_namespace() {
  const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
  const std::string group = "0 " + std::to_string(::getegid()) + " 1";
  return ::unshare(CLONE_NEWUSER) == 0 && put("/proc/self/setgroups", "deny").empty() &&
         put("/proc/self/uid_map", user).empty() && put("/proc/self/gid_map", group).empty();
}

bool bring_loopback_up() {
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool up = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  ::close(socket);
  return up;
}

}  // namespace

std::string enter_fresh_network_namespace() {
  if (::geteuid() != 0 && !become_root_of_a_user_namespace()) return failure("no user namespace");
  if (::unshare(CLONE_NEWNET) != 0) return failure("no network namespace");
  return bring_loopback_up() ? "" : failure("lo stays down");
}

void insist_on_own_namespace() {
  if (in_own_namespace()) return;
  std::fputs("a test tried to write a setting outside of a namespace of its own\n", stderr);
  std::abort();
}

bool in_own_namespace() { return network_namespace() != kNamespaceAtStart; }

std::string setting_path(std::string_view key) {
  std::string path(key);
  std::replace(path.begin(), path.end(), '.', '/');
  return "/proc/sys/" + path;
}

std::optional<std::string> kernel_text(std::string_view key) {
  const int file = ::open(setting_path(key).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, 65536> bytes;  // in one read: the kernel answers a second one with nothing
  const ssize_t got = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  return std::string(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

int write_setting(std::string_view key, std::string_view text) {
  insist_on_own_namespace();
  const int file = ::open(setting_path(key).c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const int error = ::write(file, text.data(), text.size()) < 0 ? errno : 0;
  ::close(file);
  return error;
}

int open_for_writing(std::string_view key) {
  const int file = ::open(setting_path(key).c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  ::close(file);
  return 0;
}

}  // namespace twctl::test
