// What every state directory promises, held to the real file system below %ProgramData% of the tests' own Windows.
#include "platform/windows/state_directory.hpp"

#include <aclapi.h>
#include <doctest/doctest.h>
#include <sddl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "platform/windows/own_folder.hpp"
#include "support/contract.hpp"

using namespace twctl;
using twctl::test::check_state_contract;
using twctl::test::StateUnderTest;

namespace {

constexpr std::size_t kLimit = 1000;

std::filesystem::path ours() { return program_data() + "\\twctl"; }

// Begins without a state directory, and leaves none.
struct Host {
  Host() { std::filesystem::remove_all(ours()); }
  ~Host() {
    store.reset();
    std::filesystem::remove_all(ours());
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  std::unique_ptr<StateStore> store = make_state_directory();
  std::filesystem::path changes = ours() / "state" / "changes";
};

void put(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The entries of its access control list that are neither the system's (SY) nor an account's own: Wine keeps a list as
// the mode of a file, which knows the owner and everybody (WD).
std::string others_in(const std::filesystem::path& folder) {
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  std::wstring name = folder.wstring();
  ::GetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr, nullptr, nullptr,
                          &descriptor);
  char* text = nullptr;
  ::ConvertSecurityDescriptorToStringSecurityDescriptorA(descriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text,
                                                         nullptr);
  const std::string list = text == nullptr ? "no list" : text;
  ::LocalFree(text);
  ::LocalFree(descriptor);
  return std::regex_replace(list, std::regex("^D:|\\(A;OICI;FA;;;(SY|S-1-5-21-[0-9-]*)\\)"), "");
}

using Names = std::vector<std::string>;

Names names_in_folder(const std::filesystem::path& folder) {
  Names names;
  if (!std::filesystem::exists(folder)) return names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("state: reading makes no folder, and finds none") {
  Host host;
  CHECK(host.store->folders() == Names{});
  CHECK_FALSE(std::filesystem::exists(ours()));
  CHECK(host.store->location() == host.changes.string());
}

TEST_CASE("state: a second run finds the lock held, and gets it when the first is gone") {
  Host host;
  REQUIRE(host.store->lock({}));
  const auto second = make_state_directory();
  const Result<void> refused = second->lock({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::busy);
  CHECK_FALSE(second->lock(std::chrono::milliseconds(50)));
  host.store->let_go(StateStore::Lock::run);
  CHECK(second->lock({}));
}

TEST_CASE("state: the state directory of Windows keeps the contract of state directories") {
  check_state_contract([]() -> StateUnderTest {
    const auto host = std::make_shared<Host>();
    return {.host = host,
            .store = *host->store,
            .put =
                [host](const std::string& name, const std::string& bytes) {
                  const std::filesystem::path path = host->changes / name;
                  std::filesystem::create_directories(path.parent_path());
                  put(path, bytes);
                },
            .entries = [host] { return names_in_folder(host->changes); }};
  });
}

TEST_CASE("state: a record that is a folder or has a second name is invalid") {
  Host host;
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "x"}}));
  std::filesystem::create_directory(host.changes / "00000001-a" / "decision");
  CHECK(host.store->read("00000001-a", "decision", kLimit).error().code == ErrorCode::invalid);
  std::filesystem::create_hard_link(host.changes / "00000001-a" / "intent", host.changes / "00000001-a" / "done");
  CHECK(host.store->read("00000001-a", "done", kLimit).error().code == ErrorCode::invalid);
}

// That users may read the first one cannot be seen: Wine forgets what it lets groups do.
TEST_CASE("state: the folders are closed to everybody but administrators") {
  Host host;
  REQUIRE(host.store->lock({}));
  CHECK(others_in(ours()).empty());
  CHECK(others_in(ours() / "state").empty());
  CHECK(others_in(host.changes).empty());
}
