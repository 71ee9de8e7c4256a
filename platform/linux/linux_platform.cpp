// The real host: the running system, or what lies below a root directory.
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "base/text.hpp"
#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/linux_facts.hpp"
#include "platform/linux/linux_sockets.hpp"
#include "platform/linux/listening_ports.hpp"
#include "platform/linux/network_namespace.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/root_files.hpp"
#include "platform/linux/state_directory.hpp"
#include "platform/linux/timers.hpp"
#include "platform/platform.hpp"
#include "platform/posix/run_facts.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

class LinuxPlatform final : public Platform {
 public:
  LinuxPlatform(Descriptor root, RootFiles::Kind kind, const std::string& path, std::string netns)
      : netns_(std::move(netns)),
        whole_system_(kind == RootFiles::Kind::whole_system),
        files_(std::move(root), kind),
        state_(make_state_directory(path)),
        boot_files_(make_boot_file_store(path)),
        live_(open_live_settings(files_, !whole_system_)),
        timers_(make_timers(files_, whole_system_ && netns_.empty())) {}

  // A running system without its procfs cannot be judged; an image is expected to have none.
  Result<HostFacts> host_facts() override {
    if (facts_) return *facts_;
    if (whole_system_ && live_.source == LiveSource::none) return fail(live_.problem);
    facts_ = gather_facts(files_, live_.source);
    facts_->netns = netns_;
    return *facts_;
  }

  SettingStore& settings() override { return *live_.store; }
  HostFiles& files() override { return files_; }
  StateStore& state() override { return *state_; }
  BootFileStore& boot_files() override { return *boot_files_; }
  DeadlineTimers& timers() override { return *timers_; }
  RunFacts run_facts() override { return gather_run_facts(); }
  Result<std::string> random_id() override { return make_random_id(); }
  bool namespace_exists(const std::string& identity) override { return network_namespace_exists(identity); }
  void catch_interrupts() override { catch_interrupting_signals(); }
  bool interrupted() override { return interrupting_signal_came(); }
  void log(const std::string& line) override {
    if (whole_system_) log_line(line);
  }
  bool is_superuser() override { return ::geteuid() == 0; }

  // A negative number is that of a table which other namespaces are in as well (net/ipv4/sysctl_net_ipv4.c).
  std::int64_t tcp_hash_entries() override {
    const auto text = files_.read("/proc/sys/net/ipv4/tcp_ehash_entries", 64);
    const auto number = text && *text ? parse_decimal(trim(**text)) : std::nullopt;
    return std::abs(number.value_or(0));
  }

  std::string kernel_command_line() override {
    constexpr std::size_t kLongest = 64 * 1024;  // COMMAND_LINE_SIZE is 2 to 4 KiB
    auto text = files_.read("/proc/cmdline", kLongest);
    return text && *text ? **std::move(text) : std::string();
  }

  Result<std::vector<int>> listening_ports() override {
    if (live_.source != LiveSource::procfs) return std::vector<int>{};
    return find_listening_ports(sockets());
  }

  SocketSource& sockets() override {
    if (!sockets_) {
      const auto facts = host_facts();
      sockets_ = make_socket_source(files_, live_.source, facts ? facts->kernel : KernelVersion{});
    }
    return *sockets_;
  }

  OtherNamespaces other_network_namespaces(std::size_t most_processes) override {
    return live_.source == LiveSource::procfs ? count_other_network_namespaces(most_processes) : OtherNamespaces{};
  }

 private:
  std::string netns_;  // entered already
  bool whole_system_;
  RootFiles files_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<BootFileStore> boot_files_;
  LiveSettings live_;
  std::unique_ptr<DeadlineTimers> timers_;
  std::unique_ptr<SocketSource> sockets_;
  std::optional<HostFacts> facts_;  // gathered once: they do not change under a run
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
