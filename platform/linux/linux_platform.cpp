// The real host: the running system, or what lies below a root directory.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/linux_facts.hpp"
#include "platform/linux/linux_sockets.hpp"
#include "platform/linux/load_bench.hpp"
#include "platform/linux/network_namespace.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/root.hpp"
#include "platform/linux/root_files.hpp"
#include "platform/linux/root_owner.hpp"
#include "platform/linux/state_directory.hpp"
#include "platform/linux/timers.hpp"
#include "platform/platform.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/run.hpp"

namespace twctl {
namespace {

LiveSettings live_settings_of(const Root& root, RootFiles& files) {
  LiveSettings live = open_live_settings(files, !root.is_running_system());
  if (root.is_running_system() || live.source != LiveSource::procfs) return live;
  const std::optional<Error> why = why_of_another_namespace(root, files);
  return why ? live_settings_elsewhere(*why) : std::move(live);
}

class LinuxParts {
 protected:
  LinuxParts(Root root, std::string netns)
      : netns_(std::move(netns)),
        root_(std::move(root)),
        run_(make_run(root_.is_running_system())),
        files_(root_),
        live_(live_settings_of(root_, files_)),
        sockets_(
            make_socket_source(files_, live_.source, [this] { return find_facts().value_or(HostFacts{}).kernel; })),
        state_(make_state_directory(root_)),
        boot_files_(make_boot_file_store(root_)),
        timers_(make_timers(files_, root_.is_running_system() && netns_.empty())) {}

  // A running system without its procfs cannot be judged; an image is expected to have none.
  Result<HostFacts> find_facts() {
    if (facts_) return *facts_;
    if (root_.is_running_system() && live_.source == LiveSource::none) return fail(live_.problem);
    facts_ = gather_facts(files_, live_.source);
    facts_->netns = netns_;
    facts_->root = root_.identity(facts_->boot_id);
    facts_->in_chroot = root_.is_running_system() && !is_root_of_init(root_).value_or(true) &&
                        !has_boot_files_of_init(root_).value_or(true);
    if (live_.source == LiveSource::elsewhere) facts_->live_elsewhere = live_.problem;
    return *facts_;
  }

  [[nodiscard]] PlatformParts parts_of_it() {
    return {*run_, *live_.store, files_, *sockets_, *state_, *boot_files_, *timers_, bench_.get()};
  }
  [[nodiscard]] bool is_live() const { return live_.source == LiveSource::procfs; }

 private:
  std::string netns_;  // entered already
  Root root_;
  std::unique_ptr<Run> run_;
  RootFiles files_;
  LiveSettings live_;
  std::unique_ptr<SocketSource> sockets_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<BootFileStore> boot_files_;
  std::unique_ptr<DeadlineTimers> timers_;
  std::unique_ptr<LoadBench> bench_ = make_load_bench();
  std::optional<HostFacts> facts_;
};

class LinuxPlatform final : LinuxParts, public Platform {
 public:
  LinuxPlatform(Root root, std::string netns)
      : LinuxParts(std::move(root), std::move(netns)), Platform(parts_of_it()) {}

  Result<HostFacts> host_facts() override { return find_facts(); }
  NamespaceFinder namespace_finder() override { return network_namespace_finder(); }
  OtherNamespaces other_network_namespaces(std::size_t most_processes) override {
    return is_live() ? count_other_network_namespaces(most_processes) : OtherNamespaces{};
  }
  InhabitedNamespaces inhabited_namespaces() override {
    return is_live() ? inhabited_network_namespaces() : Platform::inhabited_namespaces();
  }
};

// An apply has up to eleven open at once, and a deep folder takes some more. Said before anything is looked at: what
// ends in the middle for want of one would be undone, but not every file that it has begun could be taken away.
Result<void> check_descriptors() {
  std::array<Descriptor, 20> enough;
  for (Descriptor& one : enough) {
    one = Descriptor(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!one && errno == EMFILE) {
      return fail(ErrorCode::failed,
                  fmt::format("too few open files are allowed (ulimit -n): twctl needs {} more", enough.size()),
                  "raise it, as with: ulimit -n 1024");
    }
  }
  return {};
}

}  // namespace

// The watchdog leaves this working directory, and a later run that reads the journal may be in another one.
Result<std::unique_ptr<Platform>> make_platform(const HostChoice& choice) {
  TRY_VOID(check_descriptors());
  const std::string chosen = network_namespace_choice(choice.netns);
  const bool is_path = chosen.find('/') != std::string::npos;
  TRY(std::string netns, is_path ? absolute(chosen) : chosen);
  if (!netns.empty()) TRY_VOID(enter_network_namespace(netns));
  TRY(Root root, Root::open(choice.root));
  return std::make_unique<LinuxPlatform>(std::move(root), std::move(netns));
}

}  // namespace twctl
