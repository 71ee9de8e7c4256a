#include <doctest/doctest.h>

#include "support/contract.hpp"

namespace twctl::test {
namespace {

constexpr std::size_t kLimit = 1000;
constexpr std::string_view kOwn = kOwnBootFile;
constexpr std::string_view kConf = kSysctlConf;

using Names = std::vector<std::string>;
using Lock = StateStore::Lock;

StateUnderTest locked(StateUnderTest state) {
  REQUIRE(state.store.lock({}));
  return state;
}

// Asked again and again, and then by somebody who takes it.
void check_the_lock_of_a_run(const StateUnderTest& state) {
  REQUIRE(state.store.lock({}));
  state.store.let_go(Lock::run);
  CHECK_FALSE(state.store.is_held(Lock::run));
  CHECK_FALSE(state.store.is_held(Lock::run));
  CHECK(state.store.lock({}));
  CHECK(state.store.is_held(Lock::run));
  state.store.let_go(Lock::run);
  CHECK_FALSE(state.store.is_held(Lock::run));
}

void check_folders(const StateUnderTest& state) {
  const std::string odd("a\r\n\0\xff", 5);
  REQUIRE(state.store.create_folder("00000002-b", {{"intent", odd}, {"restore", "x"}}));
  REQUIRE(state.store.create_folder("00000001-a", {{"intent", ""}}));
  CHECK(state.store.folders() == Names{"00000001-a", "00000002-b"});
  CHECK(state.store.read("00000002-b", "intent", kLimit) == odd);
  CHECK(state.store.read("00000001-a", "intent", kLimit) == "");
  CHECK(state.store.read("00000001-a", "done", kLimit) == std::nullopt);
  CHECK(state.store.read("00000009-none", "done", kLimit) == std::nullopt);
  CHECK(state.store.read("00000002-b", "intent", 4).error().code == ErrorCode::invalid);
}

void check_a_taken_name(const StateUnderTest& state) {
  REQUIRE(state.store.create_folder("00000001-a", {{"intent", "first"}}));
  CHECK_FALSE(state.store.create_folder("00000001-a", {{"intent", "second"}}));
  CHECK(state.store.read("00000001-a", "intent", kLimit) == "first");
  CHECK(state.entries() == Names{"00000001-a"});
}

void check_records(const StateUnderTest& state) {
  REQUIRE(state.store.create_folder("00000001-a", {{"intent", "x"}}));
  CHECK(state.store.publish("00000001-a", "decision", "first") == true);
  CHECK(state.store.publish("00000001-a", "decision", "second") == false);
  CHECK(state.store.read("00000001-a", "decision", kLimit) == "first");
  CHECK(state.store.publish_if("00000001-a", "done", "x", [] { return false; }).error().code == ErrorCode::refused);
  CHECK(state.store.read("00000001-a", "done", kLimit) == std::nullopt);
  CHECK_FALSE(state.store.publish("00000009-none", "done", "x"));
  CHECK(state.entries() == Names{"00000001-a"});
}

void check_what_a_killed_run_left(const StateUnderTest& state) {
  REQUIRE(state.store.create_folder("00000001-a", {{"intent", "x"}}));
  state.put(".tmp-00000001-a-decision", "comm");
  CHECK(state.store.folders() == Names{"00000001-a"});
  CHECK(state.store.read("00000001-a", "decision", kLimit) == std::nullopt);
  CHECK(state.store.publish("00000001-a", "decision", "roll-back") == true);
  CHECK(state.store.read("00000001-a", "decision", kLimit) == "roll-back");
  state.put(".tmp-00000002-b/intent", "half");
  state.put(".trash-00000000-z/intent", "old");
  state.put(".tmp-00000001-a-done", "half");
  CHECK(state.store.folders() == Names{"00000001-a"});
  REQUIRE(state.store.sweep().empty());
  CHECK(state.entries() == Names{"00000001-a"});
  CHECK(state.store.read("00000001-a", "decision", kLimit) == "roll-back");
}

void check_removal(const StateUnderTest& state) {
  for (const std::string name : {"00000001-a", "00000002-b", "00000003-c"}) {
    REQUIRE(state.store.create_folder(name, {{"intent", name}, {"done", "y"}}));
  }
  CHECK(state.store.remove_folders({"00000001-a", "00000007-none", "00000003-c"}));
  CHECK(state.store.remove_folders({"00000001-a"}));
  CHECK(state.store.remove_folders({}));
  CHECK(state.entries() == Names{"00000002-b"});
  CHECK(state.store.read("00000002-b", "intent", kLimit) == "00000002-b");
}

// Whether a change has its end, or nobody records one any more: the file "pending" tells whoever holds it.
void check_last_word(const StateUnderTest& state) {
  CHECK(state.store.conclude_pending() == false);
  REQUIRE(state.store.hold(Lock::watchdog, {}));
  CHECK(state.store.conclude_pending() == true);
  CHECK_FALSE(state.store.is_held(Lock::watchdog));
  CHECK_FALSE(state.store.claim_pending());
  CHECK(state.store.conclude_pending() == false);
  REQUIRE(state.store.hold(Lock::watchdog, {}));
  REQUIRE(state.store.withdraw_pending());
  CHECK(state.store.claim_pending());
  CHECK(state.store.claim_pending());
  REQUIRE(state.store.hold(Lock::watchdog, {}));
  CHECK(state.store.claim_pending());
  CHECK(state.store.conclude_pending() == false);
}

constexpr std::string_view kNone = "no such file";

std::string read(const BootFilesUnderTest& host, std::string_view path) {
  return host.store.read(path).value().value_or(std::string(kNone));
}

std::string staged(const BootFilesUnderTest& host, std::string_view path, const std::string& id) {
  return host.store.staged(path, id).value().value_or(std::string(kNone));
}

void check_publishing(const BootFilesUnderTest& host) {
  host.put(kConf, "old\n");
  REQUIRE(host.store.check_writable(kConf, 0));
  CHECK(staged(host, kConf, "a1") == kNone);
  REQUIRE(host.store.stage(kConf, "a1", "new\n"));
  CHECK(read(host, kConf) == "old\n");
  CHECK(staged(host, kConf, "a1") == "new\n");
  CHECK(host.store.publish(kConf, "a1", "old\n") == true);
  CHECK(read(host, kConf) == "new\n");
  CHECK(staged(host, kConf, "a1") == kNone);
  CHECK(host.store.ensure_on_disk(kConf, "a1", "old\n") == true);
  CHECK(host.store.remove(kConf, "a2", "new\n") == true);
  CHECK(read(host, kConf) == kNone);
}

void check_a_new_boot_file(const BootFilesUnderTest& host) {
  CHECK(read(host, kOwn) == kNone);
  REQUIRE(host.store.check_writable(kOwn, 0));
  REQUIRE(host.store.stage(kOwn, "a1", "x = 1\n"));
  CHECK(host.store.publish(kOwn, "a1", std::nullopt) == true);
  CHECK(read(host, kOwn) == "x = 1\n");
}

void check_somebody_elses_boot_file(const BootFilesUnderTest& host) {
  host.put(kConf, "his\n");
  REQUIRE(host.store.stage(kConf, "a1", "new\n"));
  CHECK(host.store.publish(kConf, "a1", "old\n") == false);
  CHECK(host.store.publish(kConf, "a1", std::nullopt) == false);
  CHECK(staged(host, kConf, "a1") == "new\n");
  CHECK(host.store.remove(kConf, "a2", "old\n") == false);
  CHECK(read(host, kConf) == "his\n");
  host.take_away(kConf);
  CHECK(host.store.publish(kConf, "a1", "old\n") == false);
  CHECK(read(host, kConf) == kNone);
  CHECK(host.store.remove(kConf, "a1", "old\n") == true);
  CHECK(staged(host, kConf, "a1") == kNone);
  CHECK_FALSE(host.store.publish(kConf, "a1", std::nullopt));
  host.put(kConf, "old\n");
  CHECK(host.store.publish(kConf, "a1", "old\n") == false);
}

// What was moved aside last is under the staged name when a run is killed.
void check_settling(const BootFilesUnderTest& host) {
  host.put(kConf, "new\n");
  REQUIRE(host.store.stage(kConf, "a1", "old\n"));
  CHECK(host.store.ensure_on_disk(kConf, "a1", "old\n") == true);
  CHECK(read(host, kConf) == "new\n");
  REQUIRE(host.store.stage(kConf, "a1", "his\n"));
  CHECK(host.store.ensure_on_disk(kConf, "a1", "old\n") == false);
  CHECK(read(host, kConf) == "his\n");
  CHECK(staged(host, kConf, "a1") == "new\n");
  REQUIRE(host.store.stage(kConf, "a1", "his\n"));  // N75: of two that say the same one is somebody else's
  CHECK(host.store.ensure_on_disk(kConf, "a1", "old\n") == false);
  CHECK(read(host, kConf) == "his\n");
  host.take_away(kConf);
  REQUIRE(host.store.stage(kConf, "a2", "his\n"));
  CHECK(host.store.ensure_on_disk(kConf, "a2", "old\n") == false);
  CHECK(read(host, kConf) == "his\n");
}

void check_sweeping(const BootFilesUnderTest& host) {
  REQUIRE(host.store.stage(kConf, "a1", "1"));
  REQUIRE(host.store.stage(kOwn, "a1", "2"));
  REQUIRE(host.store.stage(kOwn, "a2", "3"));
  REQUIRE(host.store.sweep("a1").empty());
  CHECK(staged(host, kConf, "a1") == "1");
  CHECK(staged(host, kOwn, "a1") == "2");
  CHECK(staged(host, kOwn, "a2") == kNone);
  REQUIRE(host.store.sweep("").empty());
  CHECK(staged(host, kConf, "a1") == kNone);
}

void check_another_file(const BootFilesUnderTest& host) {
  constexpr std::string_view kPasswords = "/etc/passwd";
  host.put(kPasswords, "root\n");
  CHECK(host.store.read(kPasswords).error().code == ErrorCode::denied);
  CHECK(host.store.check_writable(kPasswords, 0).error().code == ErrorCode::denied);
  CHECK(host.store.stage(kPasswords, "a1", "x").error().code == ErrorCode::denied);
  CHECK(host.store.publish(kPasswords, "a1", "root\n").error().code == ErrorCode::denied);
  CHECK(host.store.remove(kPasswords, "a1", "root\n").error().code == ErrorCode::denied);
  CHECK(host.store.ensure_on_disk(kPasswords, "a1", "root\n").error().code == ErrorCode::denied);
}

}  // namespace

void check_state_contract(const std::function<StateUnderTest()>& make) {
  {
    const StateUnderTest state = make();
    CHECK(state.store.folders() == Names{});
    CHECK(state.store.read("00000001-a", "intent", kLimit) == std::nullopt);
    CHECK(state.entries() == Names{});
    CHECK_FALSE(state.store.is_held(Lock::run));
  }
  check_the_lock_of_a_run(make());
  check_folders(locked(make()));
  check_a_taken_name(locked(make()));
  check_records(locked(make()));
  check_what_a_killed_run_left(locked(make()));
  check_removal(locked(make()));
}

void check_pending_contract(const std::function<StateUnderTest()>& make) {
  const StateUnderTest state = locked(make());
  CHECK(state.store.withdraw_pending());
  CHECK_FALSE(state.store.hold(Lock::path_unit, {}));
  CHECK_FALSE(state.store.is_held(Lock::watchdog));
  REQUIRE(state.store.hold(Lock::watchdog, {}));
  CHECK(state.store.is_held(Lock::watchdog));
  CHECK_FALSE(state.store.is_held(Lock::path_unit));
  state.store.let_go(Lock::watchdog);
  CHECK_FALSE(state.store.is_held(Lock::watchdog));
  REQUIRE(state.store.hold(Lock::path_unit, {}));
  CHECK(state.store.is_held(Lock::path_unit));
  CHECK_FALSE(state.store.is_held(Lock::watchdog));
  state.store.let_go(Lock::path_unit);
  CHECK_FALSE(state.store.is_held(Lock::path_unit));
  REQUIRE(state.store.withdraw_pending());
  CHECK_FALSE(state.store.hold(Lock::path_unit, {}));
  check_last_word(locked(make()));
}

void check_boot_file_contract(const std::function<BootFilesUnderTest()>& make) {
  check_publishing(make());
  check_a_new_boot_file(make());
  check_somebody_elses_boot_file(make());
  check_settling(make());
  check_sweeping(make());
  check_another_file(make());
}

}  // namespace twctl::test
