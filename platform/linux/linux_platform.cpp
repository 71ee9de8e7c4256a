// The real host: the running system, or what lies below a root directory.
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/linux_facts.hpp"
#include "platform/linux/linux_sockets.hpp"
#include "platform/linux/network_namespace.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/root_files.hpp"
#include "platform/linux/state_directory.hpp"
#include "platform/linux/timers.hpp"
#include "platform/platform.hpp"
#include "platform/posix/run.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

class LinuxParts {
 protected:
  LinuxParts(Descriptor root, RootFiles::Kind kind, const std::string& path, std::string netns)
      : netns_(std::move(netns)),
        whole_system_(kind == RootFiles::Kind::whole_system),
        run_(make_run(whole_system_)),
        files_(std::move(root), kind),
        live_(open_live_settings(files_, !whole_system_)),
        sockets_(
            make_socket_source(files_, live_.source, [this] { return find_facts().value_or(HostFacts{}).kernel; })),
        state_(make_state_directory(path)),
        boot_files_(make_boot_file_store(path)),
        timers_(make_timers(files_, whole_system_ && netns_.empty())) {}

  // A running system without its procfs cannot be judged; an image is expected to have none.
  Result<HostFacts> find_facts() {
    if (facts_) return *facts_;
    if (whole_system_ && live_.source == LiveSource::none) return fail(live_.problem);
    facts_ = gather_facts(files_, live_.source);
    facts_->netns = netns_;
    return *facts_;
  }

  [[nodiscard]] PlatformParts parts_of_it() {
    return {*run_, *live_.store, files_, *sockets_, *state_, *boot_files_, *timers_};
  }
  [[nodiscard]] bool is_live() const { return live_.source == LiveSource::procfs; }

 private:
  std::string netns_;  // entered already
  bool whole_system_;
  std::unique_ptr<Run> run_;
  RootFiles files_;
  LiveSettings live_;
  std::unique_ptr<SocketSource> sockets_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<BootFileStore> boot_files_;
  std::unique_ptr<DeadlineTimers> timers_;
  std::optional<HostFacts> facts_;
};

class LinuxPlatform final : LinuxParts, public Platform {
 public:
  LinuxPlatform(Descriptor root, RootFiles::Kind kind, const std::string& path, std::string netns)
      : LinuxParts(std::move(root), kind, path, std::move(netns)), Platform(parts_of_it()) {}

  Result<HostFacts> host_facts() override { return find_facts(); }
  std::optional<std::string> find_namespace(const std::string& identity, const std::string& known_as) override {
    return find_network_namespace(identity, known_as);
  }
  OtherNamespaces other_network_namespaces(std::size_t most_processes) override {
    return is_live() ? count_other_network_namespaces(most_processes) : OtherNamespaces{};
  }
};

// "/" by any other name ("//", "/.", a link to it) is the running system too.
bool is_whole_system(int root) {
  struct stat given = {};
  struct stat top = {};
  return ::fstat(root, &given) == 0 && ::stat("/", &top) == 0 && given.st_dev == top.st_dev &&
         given.st_ino == top.st_ino;
}

// The watchdog leaves this working directory, and a later run that reads the journal may be in another one.
Result<std::string> absolute(const std::string& path) {
  if (path.empty() || path.starts_with('/')) return path;
  std::array<char, PATH_MAX> here{};
  if (::getcwd(here.data(), here.size()) == nullptr) return fail(cannot_read(path, errno));
  return std::string(here.data()) + "/" + path;
}

Result<Descriptor> open_root(const std::string& root) {
  Descriptor opened(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return fail(cannot_read(root, errno));
  return opened;
}

}  // namespace

Result<std::unique_ptr<Platform>> make_platform(const HostChoice& choice) {
  const bool is_path = choice.netns.find('/') != std::string::npos;
  TRY(std::string netns, is_path ? absolute(choice.netns) : choice.netns);
  if (!netns.empty()) TRY_VOID(enter_network_namespace(netns));
  TRY(const std::string path, absolute(choice.root));
  TRY(Descriptor root, open_root(path));
  const auto kind = is_whole_system(root.get()) ? RootFiles::Kind::whole_system : RootFiles::Kind::below_a_directory;
  return std::make_unique<LinuxPlatform>(std::move(root), kind, path, std::move(netns));
}

}  // namespace twctl
