#include "platform/linux/root.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/linux/open_below.hpp"
#include "platform/linux/path_walk.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::size_t kSmall = 4096;  // bytes

bool is_at(const char* path, const struct stat& status) {
  struct stat there = {};
  return ::stat(path, &there) == 0 && same_file(there, status);
}

// The directory alone does not tell: / may be mounted at a second place, or be another mount namespace's
// (/proc/PID/root), and other things are mounted below it there.
bool is_running_root(const std::string& path, int directory, const struct stat& status) {
  if (path.find_first_not_of('/') == std::string::npos) return true;
  const Descriptor running(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return is_at("/", status) && running && on_same_mount(running.get(), directory);
}

std::string running_boot_id() {
  const Descriptor file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  const OrErrno<std::string> text = file ? read_bytes(file.get(), kSmall) : OrErrno<std::string>();
  return std::string(trim(text.value_or("")));
}

}  // namespace

Result<std::string> absolute(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  std::array<char, PATH_MAX> here{};
  if (::getcwd(here.data(), here.size()) == nullptr) return fail(cannot_read(path, errno));
  return std::string(here.data()) + "/" + std::string(path);
}

Result<Root> Root::open(const std::string& path) {
  TRY(std::string prefix, absolute(path));
  if (prefix == "/") prefix.clear();
  Descriptor directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat status = {};
  if (!directory || ::fstat(directory.get(), &status) < 0) return fail(cannot_read(path, errno));
  const bool running = is_running_root(path, directory.get(), status);
  return Root(std::move(directory), running, std::move(prefix));
}

OrErrno<Descriptor> Root::open(std::string_view path, int flags) const {
  if (!running_system_ && path.starts_with('/')) return open_in_root(directory_.get(), path, flags);
  Descriptor opened(::open(std::string(path).c_str(), flags | O_CLOEXEC));
  if (!opened) return tl::unexpected(errno);
  return opened;
}

OrErrno<Descriptor> Root::walk(std::string_view path, int flags, std::vector<PathStep>& steps) const {
  const std::size_t before = steps.size();
  OrErrno<Descriptor> opened = twctl::walk(directory_.get(), path, flags, &steps);
  for (std::size_t i = before; i < steps.size(); ++i) steps[i].path = shown(steps[i].path);
  return opened;
}

OrErrno<Root::Folder> Root::open_folder(std::string_view path) const {
  std::vector<PathStep> steps;
  OrErrno<Descriptor> directory = walk(path, O_RDONLY | O_DIRECTORY, steps);
  if (!directory) return tl::unexpected(directory.error());
  Distrust distrust{.why = twctl::why_distrusted(steps)};
  if (distrust.why.empty()) distrust = why_distrusted(directory->get(), path);
  return Folder{*std::move(directory), std::move(distrust)};
}

Distrust Root::why_distrusted(int directory, std::string_view path) const {
  const OrErrno<PathStep> step = step_at(directory, shown(path));
  if (!step) return {.why = fmt::format("{}: {}", escape(shown(path)), system_says(step.error()))};
  Distrust foreign = why_not_its_own(directory, path);
  return foreign.why.empty() ? Distrust{.why = twctl::why_distrusted({&*step, 1})} : foreign;
}

Distrust Root::why_not_its_own(int directory, std::string_view path) const {
  struct stat status = {};
  const bool own = running_system_ || ::fstat(directory, &status) < 0 || !is_at(std::string(path).c_str(), status);
  if (own) return {};
  return {.why = fmt::format("{} is the running system's own {}", escape(shown(path)), escape(path)),
          .hint = "unmount it there; or leave out --root, to change the running system"};
}

HostRoot Root::identity(const std::string& boot_id) const {
  struct stat status = {};
  if (::fstat(directory_.get(), &status) < 0) return {.running_system = running_system_};
  return {.running_system = running_system_,
          .boot_id = running_system_ ? boot_id : running_boot_id(),
          .directory = fmt::format("{}:{}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino)};
}

}  // namespace twctl
