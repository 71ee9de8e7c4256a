// The running Windows.
#include <optional>

#include "platform/platform.hpp"
#include "platform/windows/absent_stores.hpp"
#include "platform/windows/interrupts.hpp"
#include "platform/windows/registry_store.hpp"
#include "platform/windows/run_facts.hpp"
#include "platform/windows/state_directory.hpp"
#include "platform/windows/windows_facts.hpp"
#include "platform/windows/windows_files.hpp"
#include "platform/windows/windows_sockets.hpp"

namespace twctl {
namespace {

class WindowsPlatform final : public Platform {
 public:
  Result<HostFacts> host_facts() override {
    if (!facts_) facts_ = gather_facts();
    return *facts_;
  }

  SettingStore& settings() override { return *settings_; }
  HostFiles& files() override { return files_; }
  SocketSource& sockets() override { return *sockets_; }
  StateStore& state() override { return *state_; }
  BootFileStore& boot_files() override { return *boot_files_; }
  DeadlineTimers& timers() override { return *timers_; }
  RunFacts run_facts() override { return gather_run_facts(); }
  Result<std::string> random_id() override { return make_random_id(); }
  void catch_interrupts() override { catch_interrupting_signals(); }
  bool interrupted() override { return interrupting_signal_came(); }
  void log(const std::string& line) override { log_line(line); }
  bool is_superuser() override { return is_elevated(); }

  // There is one network, whose listening ports no setting of ours concerns; the rest is of Linux.
  Result<std::vector<int>> listening_ports() override { return std::vector<int>{}; }
  std::int64_t tcp_hash_entries() override { return 0; }
  std::string kernel_command_line() override { return {}; }
  OtherNamespaces other_network_namespaces(std::size_t /*most_processes*/) override { return {}; }
  bool namespace_exists(const std::string& /*identity*/) override { return true; }

 private:
  std::unique_ptr<SettingStore> settings_ = make_registry_store();
  WindowsFiles files_;
  std::unique_ptr<SocketSource> sockets_ = make_socket_source();
  std::unique_ptr<StateStore> state_ = make_state_directory();
  std::unique_ptr<BootFileStore> boot_files_ = make_absent_boot_files();
  std::unique_ptr<DeadlineTimers> timers_ = make_absent_timers();
  std::optional<HostFacts> facts_;  // gathered once: they do not change under a run
};

tl::unexpected<Error> only_on_linux(const std::string& option) {
  return fail(ErrorCode::unsupported, option + ": not on Windows",
              "on Linux, or with a snapshot: `twctl snapshot -o FILE` there, `twctl plan --from FILE` here");
}

}  // namespace

Result<std::unique_ptr<Platform>> make_platform(const HostChoice& choice) {
  if (choice.root != HostChoice{}.root) return only_on_linux("--root");
  if (!choice.netns.empty()) return only_on_linux("--netns");
  return std::make_unique<WindowsPlatform>();
}

}  // namespace twctl
