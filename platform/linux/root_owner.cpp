#include "platform/linux/root_owner.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "platform/linux/network_namespace.hpp"
#include "platform/linux/surroundings.hpp"

namespace twctl {
namespace {

// "25" of "/proc/25/root/srv"; "" for another path.
std::string process_in(std::string_view path) {
  constexpr std::string_view kProc = "/proc/";
  if (!path.starts_with(kProc)) return {};
  path.remove_prefix(kProc.size());
  const std::string_view number = path.substr(0, path.find_first_not_of("0123456789"));
  return path.substr(number.size()).starts_with("/root/") ? std::string(number) : std::string();
}

Error of_another(const Root& root, const std::string& process) {
  return {.code = ErrorCode::unsupported,
          .message = fmt::format("{} shows the network namespace of this run, and the processes of that root are in "
                                 "another one",
                                 escape(root.shown("/proc/sys/net"))),
          .hint = fmt::format("name theirs: --netns {}; of `plan` and `apply`, the boot files alone: --scope boot",
                              process.empty() ? "PID, with one of them" : process)};
}

}  // namespace

// A procfs of our own processes says nothing of an image that it is mounted into. It is another one's where the root is
// that of its process 1, or where it shows other processes than ours.
std::optional<Error> why_of_another_namespace(const Root& root, RootFiles& files) {
  const std::string process = process_in(root.shown("/"));
  std::string theirs;
  if (!process.empty()) {
    theirs = network_namespace_link(process);
  } else if (!proc_is_of_own_namespace(files) || is_root_of_init(root).value_or(false)) {
    theirs = files.link_target("/proc/1/ns/net").value_or("");
  } else {
    return std::nullopt;
  }
  if (!theirs.empty() && theirs == network_namespace_link("thread-self")) return std::nullopt;
  return of_another(root, process);
}

std::optional<bool> is_root_of_init(const Root& root) {
  const OrErrno<Descriptor> top = root.open("/", O_PATH | O_DIRECTORY);
  const OrErrno<Descriptor> init = root.open("/proc/1", O_PATH | O_DIRECTORY);
  struct stat ours = {};
  struct stat its = {};
  if (!top || !init || ::fstat(top->get(), &ours) != 0 || ::fstatat(init->get(), "root", &its, 0) != 0)
    return std::nullopt;
  return ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

}  // namespace twctl
