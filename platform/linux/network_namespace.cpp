#include "platform/linux/network_namespace.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr int kNetnsCookie = 71;  // SO_NETNS_COOKIE, Linux 5.14; absent from older headers
constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";

using FileIdentity = std::pair<dev_t, ino_t>;

std::optional<FileIdentity> identity_of(const char* path, int directory = AT_FDCWD) {
  struct stat status = {};
  if (::fstatat(directory, path, &status, 0) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

std::optional<std::uint64_t> cookie() {
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::uint64_t value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket.get(), SOL_SOCKET, kNetnsCookie, &value, &size) != 0) return std::nullopt;
  return value;
}

std::string path_of(const std::string& choice) {
  return choice.find('/') == std::string::npos ? "/run/netns/" + choice : choice;
}

Error cannot_enter(const std::string& path, int error) {
  const ErrorCode code = is_denied(error) ? ErrorCode::denied : ErrorCode::no_input;
  const std::string why = error == EINVAL ? "is not a network namespace" : system_says(error);
  return {.code = code, .message = "cannot enter network namespace " + escape(path) + ": " + why};
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

bool is_process(std::string_view name) { return name.find_first_not_of("0123456789") == std::string_view::npos; }

}  // namespace

// setns checks the kind itself: CLONE_NEWNET answers EINVAL for any other file.
Result<void> enter_network_namespace(const std::string& choice) {
  const std::string path = path_of(choice);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file || ::setns(file.get(), CLONE_NEWNET) != 0) return fail(cannot_enter(path, errno));
  return {};
}

std::string network_namespace_identity() {
  if (const auto value = cookie()) return "cookie:" + std::to_string(*value);
  const auto file = identity_of(kOwnNamespace);
  if (!file) return {};
  return "file:" + std::to_string(file->first) + ":" + std::to_string(file->second);
}

int count_other_network_namespaces() {
  const auto own = identity_of(kOwnNamespace);
  const std::unique_ptr<DIR, CloseDirectory> processes(::opendir("/proc"));
  std::set<FileIdentity> others;
  while (const dirent* entry = processes ? ::readdir(processes.get()) : nullptr) {  // NOLINT(concurrency-mt-unsafe)
    if (!is_process(entry->d_name)) continue;
    const std::string path = std::string(entry->d_name) + "/ns/net";
    const auto other = identity_of(path.c_str(), ::dirfd(processes.get()));
    if (other && other != own) others.insert(*other);
  }
  return static_cast<int>(others.size());
}

}  // namespace twctl
