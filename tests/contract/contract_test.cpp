// The stores in memory and those of Linux, held to what each store of their kind promises. tests/windows holds those of
// Windows to the same.
#include "support/contract.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/state_directory.hpp"
#include "platform/linux/timers.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/memory_host.hpp"
#include "support/names.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

StateUnderTest state_in_memory() {
  const auto state = std::make_shared<MemoryState>();
  return {.host = state,
          .store = *state,
          .put =
              [state](const std::string& path, const std::string& bytes) {
                MemoryFolder& folder = state->folder;
                if (path.find('/') != std::string::npos) REQUIRE(folder.make_folder(path.substr(0, path.find('/'))));
                REQUIRE(folder.create_file(path, bytes));
              },
          .entries = [state] { return state->folder.names().value(); }};
}

struct StateOnLinux {
  StateOnLinux() { tree.directory("/var/lib"); }
  Tree tree;
  Root root = *Root::open(tree.root());
  std::unique_ptr<StateStore> store = make_state_directory(root);
};

std::vector<std::string> names_in_directory(const std::string& directory) {
  std::vector<std::string> names;
  if (!std::filesystem::exists(directory)) return names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

StateUnderTest state_on_linux() {
  const auto host = std::make_shared<StateOnLinux>();
  return {.host = host,
          .store = *host->store,
          .put = [host](const std::string& path,
                        const std::string& bytes) { host->tree.file(kChanges + "/" + path, bytes); },
          .entries = [host] { return names_in_directory(host->tree.at(kChanges)); }};
}

BootFilesUnderTest boot_files_in_memory() {
  struct Disk {
    std::map<std::string, std::string, std::less<>> files;
    MemoryBootFiles store{files};
  };
  const auto disk = std::make_shared<Disk>();
  return {.host = disk,
          .store = disk->store,
          .put = [disk](std::string_view path,
                        const std::string& bytes) { disk->files.insert_or_assign(std::string(path), bytes); },
          .take_away = [disk](std::string_view path) { disk->files.erase(std::string(path)); }};
}

BootFilesUnderTest boot_files_on_linux() {
  struct Etc {
    Etc() { tree.directory("/etc"); }
    Tree tree;
    Root root = *Root::open(tree.root());
    std::unique_ptr<BootFileStore> store = make_boot_file_store(root);
  };
  const auto etc = std::make_shared<Etc>();
  return {.host = etc,
          .store = *etc->store,
          .put = [etc](std::string_view path, const std::string& bytes) { etc->tree.file(std::string(path), bytes); },
          .take_away = [etc](std::string_view path) { std::filesystem::remove(etc->tree.at(path)); }};
}

const Setting& fin_timeout() { return *find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout"); }

}  // namespace

TEST_CASE("the state directory in memory keeps the contract of state directories") {
  check_state_contract(state_in_memory);
  check_pending_contract(state_in_memory);
}

TEST_CASE("the state directory of Linux keeps the contract of state directories") {
  check_state_contract(state_on_linux);
  check_pending_contract(state_on_linux);
}

TEST_CASE("boot files in memory keep the contract of boot files") { check_boot_file_contract(boot_files_in_memory); }

TEST_CASE("the boot files of Linux keep the contract of boot files") { check_boot_file_contract(boot_files_on_linux); }

TEST_CASE("a host's files in memory keep the contract of files") {
  MemoryFiles files;
  check_files_contract(
      {.files = files, .folder = "/folder/", .put = [&](const std::string& path, const std::string& bytes) {
         files.files.insert_or_assign(path, bytes);
       }});
}

TEST_CASE("the files of a running Linux keep the contract of files") {
  Tree tree;
  tree.directory("/folder");
  const auto put = [](const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  const auto running = make_platform({});
  check_files_contract({.files = (*running)->files(), .folder = tree.at("/folder/"), .put = put});
}

TEST_CASE("settings in memory and those of the kernel keep the contract of what is written") {
  MemoryStore memory;
  memory.set("net.ipv4.tcp_fin_timeout", "17");
  CHECK(settings_contract(memory, fin_timeout(), "17", "30") == kSettingsKept);
  const auto of_the_kernel = in_namespace([] {
    const std::string problem = put("/proc/sys/net/ipv4/tcp_fin_timeout", "17");
    const auto platform = make_platform({});
    return problem + settings_contract((*platform)->settings(), fin_timeout(), "17", "30");
  });
  if (!of_the_kernel) SKIP_TEST("no namespaces here");
  CHECK(*of_the_kernel == kSettingsKept);
}

TEST_CASE("the timers in memory and those of Linux keep the contract of timers") {
  MemoryState state;
  MemoryTimers memory(state);
  check_timers_contract(memory);
  MemoryFiles files;
  check_timers_contract(*make_timers(files, true));
}

TEST_CASE("a run in memory and one of Linux keep the contract of a run") {
  MemoryRun memory;
  check_run_contract(memory);
  check_run_contract((*make_platform({}))->run());
}

TEST_CASE("the sockets of the kernel keep the contract of sockets") {
  const auto said = in_namespace([] {
    if (listen_on(22) < 0 || listen_on(443) < 0) return std::string("no listeners");
    const auto platform = make_platform({});
    SocketSource& sockets = (*platform)->sockets();
    const auto counts = sockets.count_states();
    const bool both = counts && counts->at(static_cast<std::size_t>(TcpState::listen)) == 2;
    return both ? sockets_contract(sockets) : "not two listeners";
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == kSocketsKept);
}

TEST_CASE("sockets in memory and those of a captured host keep the contract of sockets") {
  MemorySockets memory;
  memory.listen_on(22);
  memory.listen_on(443);
  memory.table.emplace_back().state = TcpState::time_wait;
  CHECK(sockets_contract(memory) == kSocketsKept);
  Tree tree;
  tree.file("/proc/net/tcp",
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 12345 1 "
            "0000000000000000 100 0 0 10 0\n"
            "   1: 0100007F:1F90 0500000A:A001 06 00000000:00000000 03:0000170C 00000000     0        0 0 3 "
            "0000000000000000\n");
  tree.file("/proc/sys/net/ipv4/tcp_fin_timeout", "60\n");
  const auto captured = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  CHECK(sockets_contract((*captured)->sockets()) == kSocketsKept);
}
