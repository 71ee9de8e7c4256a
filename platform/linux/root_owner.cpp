#include "platform/linux/root_owner.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/linux/network_namespace.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/linux/surroundings.hpp"

namespace twctl {
namespace {

bool is_of_procfs(const std::string& path) {
  struct statfs system = {};
  return ::statfs(path.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

// The numbers of the processes through whose root or working directory a path leads ("/proc/25/root/srv"), however it
// is spelt, and through links. A walk has passed those of the kernel and gone on in this run's own tree, so that of the
// names behind the first one more may be taken for such a process than are, and none is missed.
std::vector<std::string> processes_in(const std::string& path) {
  const Descriptor top(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::vector<PathStep> steps;
  (void)walk(top.get(), path, O_PATH, &steps);
  std::vector<std::string> numbers;
  for (const PathStep& step : steps) {
    const std::string folder = step.path.substr(0, step.path.rfind('/'));
    const std::string name = step.path.substr(folder.size() + 1);
    const std::string number = folder.substr(folder.rfind('/') + 1);
    const bool leads_away = S_ISLNK(step.status.st_mode) && (name == "root" || name == "cwd");
    if (leads_away && is_digits(number) && is_of_procfs(folder)) numbers.push_back(number);
  }
  return numbers;
}

// Of a directory of this root, and one as process 1 has it. nullopt: it cannot be told.
std::optional<bool> is_of_init(const Root& root, std::string_view directory, const char* its_own) {
  const OrErrno<Descriptor> top = root.open(directory, O_PATH | O_DIRECTORY);
  const OrErrno<Descriptor> init = root.open("/proc/1", O_PATH | O_DIRECTORY);
  struct stat ours = {};
  struct stat its = {};
  if (!top || !init || ::fstat(top->get(), &ours) != 0 || ::fstatat(init->get(), its_own, &its, 0) != 0)
    return std::nullopt;
  return same_file(ours, its);
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

// A procfs of our own processes says nothing of an image that it is mounted into, nor one of nobody's. It is another
// one's where the root is that of its process 1, or where it shows other processes than ours.
std::optional<Error> why_of_another_namespace(const Root& root, RootFiles& files) {
  const std::string own = network_namespace_link("thread-self");
  const auto is_ours = [&](const std::string& link) { return !link.empty() && link == own; };
  const std::vector<std::string> processes = processes_in(root.shown("/"));
  for (const std::string& process : processes) {
    if (!is_ours(network_namespace_link(process))) return of_another(root, process);
  }
  const bool of_own_processes = proc_is_of_own_namespace(files) && !is_root_of_init(root).value_or(false);
  if (!processes.empty() || of_own_processes || !files.exists("/proc/1")) return std::nullopt;
  return is_ours(files.link_target("/proc/1/ns/net").value_or("")) ? std::nullopt : std::optional(of_another(root, ""));
}

std::optional<bool> is_root_of_init(const Root& root) { return is_of_init(root, "/", "root"); }

// What a boot reads lies there: with that of process 1 bound into it, a chroot is none that counts.
std::optional<bool> has_boot_files_of_init(const Root& root) { return is_of_init(root, "/etc", "root/etc"); }

}  // namespace twctl
