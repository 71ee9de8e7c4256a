// What every state directory promises, held to the real file system below %ProgramData% of the tests' own Windows.
#include "platform/windows/state_directory.hpp"

#include <aclapi.h>
#include <doctest/doctest.h>
#include <sddl.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "platform/windows/program_data.hpp"

using namespace twctl;

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

TEST_CASE("state: a folder appears whole, in the order of names, and its records are read back to the byte") {
  Host host;
  REQUIRE(host.store->lock({}));
  const std::string odd("a\r\n\0\xff", 5);
  REQUIRE(host.store->create_folder("00000002-b", {{"intent", odd}, {"restore.reg", "x"}}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", ""}}));
  CHECK((host.store->folders() == Names{"00000001-a", "00000002-b"}));
  CHECK(host.store->read("00000002-b", "intent", kLimit) == odd);
  CHECK(host.store->read("00000001-a", "intent", kLimit) == "");
  CHECK(host.store->read("00000001-a", "done", kLimit) == std::nullopt);
  CHECK(host.store->read("00000002-b", "intent", 4).error().code == ErrorCode::invalid);
  CHECK_FALSE(host.store->create_folder("00000001-a", {{"intent", "other"}}));
}

TEST_CASE("state: a record is written once, and the second publisher is told") {
  Host host;
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "x"}}));
  CHECK(host.store->publish("00000001-a", "decision", "first") == true);
  CHECK(host.store->publish("00000001-a", "decision", "second") == false);
  CHECK(host.store->read("00000001-a", "decision", kLimit) == "first");
  CHECK(host.store->publish_if("00000001-a", "done", "x", [] { return false; }).error().code == ErrorCode::refused);
  CHECK(host.store->read("00000001-a", "done", kLimit) == std::nullopt);
  CHECK_FALSE(host.store->publish("00000009-none", "done", "x"));
  CHECK(host.store->folders() == Names{"00000001-a"});
  CHECK(std::distance(std::filesystem::directory_iterator(host.changes), {}) == 1);
}

TEST_CASE("state: folders go whole, and sweep takes away what a killed run left") {
  Host host;
  REQUIRE(host.store->lock({}));
  for (const std::string name : {"00000001-a", "00000002-b"}) {
    REQUIRE(host.store->create_folder(name, {{"intent", name}, {"done", "y"}}));
  }
  CHECK(host.store->remove_folders({"00000001-a", "00000007-none"}));
  CHECK(host.store->folders() == Names{"00000002-b"});
  std::filesystem::create_directory(host.changes / ".tmp-00000003-c");
  put(host.changes / ".tmp-00000003-c" / "intent", "half");
  put(host.changes / ".tmp-00000002-b-decision", "half");
  std::filesystem::create_directory(host.changes / ".trash-00000001-a");
  REQUIRE(host.store->sweep());
  CHECK(std::distance(std::filesystem::directory_iterator(host.changes), {}) == 1);
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
