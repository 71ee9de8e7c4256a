// The running Windows.
#include <optional>

#include "platform/platform.hpp"
#include "platform/windows/absent_stores.hpp"
#include "platform/windows/registry_store.hpp"
#include "platform/windows/run.hpp"
#include "platform/windows/state_directory.hpp"
#include "platform/windows/windows_facts.hpp"
#include "platform/windows/windows_files.hpp"
#include "platform/windows/windows_sockets.hpp"

namespace twctl {
namespace {

struct WindowsParts {
  std::unique_ptr<Run> run = make_run();
  std::unique_ptr<SettingStore> settings = make_registry_store();
  WindowsFiles files;
  std::unique_ptr<SocketSource> sockets = make_socket_source();
  std::unique_ptr<StateStore> state = make_state_directory();
  std::unique_ptr<BootFileStore> boot_files = make_absent_boot_files();
  std::unique_ptr<DeadlineTimers> timers = make_absent_timers();
};

class WindowsPlatform final : WindowsParts, public Platform {
 public:
  WindowsPlatform()
      : Platform({*WindowsParts::run, *WindowsParts::settings, WindowsParts::files, *WindowsParts::sockets,
                  *WindowsParts::state, *WindowsParts::boot_files, *WindowsParts::timers}) {}

  Result<HostFacts> host_facts() override {
    if (!facts_) facts_ = gather_facts();
    return *facts_;
  }

  // Windows has one network.
  OtherNamespaces other_network_namespaces(std::size_t /*most_processes*/) override { return {}; }
  NamespaceFinder namespace_finder() override {
    return [](const std::string&, const std::string&, const std::string&) { return ""; };
  }

 private:
  std::optional<HostFacts> facts_;
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
