// The state directory and the boot files on a real file system, below a root of the test's own.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/state_directory.hpp"
#include "support/names.hpp"
#include "support/shell.hpp"
#include "support/tree.hpp"

using namespace twctl;
using twctl::test::Tree;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

struct StateHost {
  StateHost() { tree.directory("/var/lib"); }
  Tree tree;
  Root root = *Root::open(tree.root());
  std::unique_ptr<StateStore> store = make_state_directory(root);
};

struct BootHost {
  BootHost() { tree.directory("/etc"); }
  Tree tree;
  Root root = *Root::open(tree.root());
  std::unique_ptr<BootFileStore> store = make_boot_file_store(root);
};

}  // namespace

TEST_CASE("a state directory is made for its owner alone, whatever the umask") {
  StateHost host;
  const mode_t before = ::umask(0777);
  const Result<void> locked = host.store->lock({});
  const Result<void> made = host.store->create_folder("00000001-a", {{"intent", "x"}});
  ::umask(before);
  REQUIRE(locked);
  REQUIRE(made);
  CHECK(mode_of(host.tree.at("/var/lib/twctl")) == 0700);
  CHECK(mode_of(host.tree.at("/var/lib/twctl/lock")) == 0600);
  CHECK(mode_of(host.tree.at(kChanges + "/00000001-a/intent")) == 0600);
}

TEST_CASE("reading makes no state directory") {
  StateHost host;
  CHECK((host.store->folders() == std::vector<std::string>{}));
  CHECK_FALSE(std::filesystem::exists(host.tree.at("/var/lib/twctl")));
}

TEST_CASE("a second run finds the lock held, and gets it when the first is gone") {
  StateHost host;
  REQUIRE(host.store->lock({}));
  const auto second = make_state_directory(host.root);
  const Result<void> refused = second->lock({});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::busy);
  host.store.reset();
  CHECK(second->lock({}));
}

TEST_CASE("a state directory that others could write to is refused") {
  for (const mode_t mode : {0777U, 0750U}) {
    StateHost host;
    host.tree.directory("/var/lib/twctl");
    REQUIRE(::chmod(host.tree.at("/var/lib/twctl").c_str(), mode) == 0);
    const Result<void> locked = host.store->lock({});
    REQUIRE_FALSE(locked);
    CHECK(locked.error().code == ErrorCode::denied);
  }
}

TEST_CASE("a lock that is a link or a FIFO is refused, without waiting for it") {
  for (const bool link : {true, false}) {
    StateHost host;
    host.tree.directory("/var/lib/twctl");
    REQUIRE(::chmod(host.tree.at("/var/lib/twctl").c_str(), 0700) == 0);
    const std::string lock = host.tree.at("/var/lib/twctl/lock");
    REQUIRE((link ? ::symlink("/etc/passwd", lock.c_str()) : ::mkfifo(lock.c_str(), 0600)) == 0);
    const Result<void> locked = host.store->lock({});
    REQUIRE_FALSE(locked);
    CHECK(locked.error().code == ErrorCode::denied);
  }
}

TEST_CASE("a record is written once: the second publisher is told, and the first stays") {
  StateHost host;
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "x"}}));
  CHECK((host.store->publish("00000001-a", "decision", "commit") == true));
  CHECK((host.store->publish("00000001-a", "decision", "roll-back") == false));
  CHECK((host.store->read("00000001-a", "decision", 100).value() == std::optional<std::string>("commit")));
  CHECK((host.store->read("00000001-a", "done", 100).value() == std::optional<std::string>()));
}

TEST_CASE("a record that a killed run left half-made is no record, and keeps nobody from publishing it") {
  StateHost host;
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "x"}}));
  host.tree.file(kChanges + "/.tmp-00000001-a-decision", "comm");
  CHECK((host.store->publish("00000001-a", "decision", "roll-back") == true));
  CHECK((host.store->read("00000001-a", "decision", 100).value() == std::optional<std::string>("roll-back")));
}

TEST_CASE("a record with a second name, or over the limit, is invalid, and so is a link") {
  StateHost host;
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "12345"}}));
  const std::string intent = host.tree.at(kChanges + "/00000001-a/intent");
  CHECK(host.store->read("00000001-a", "intent", 4).error().code == ErrorCode::invalid);
  REQUIRE(::link(intent.c_str(), (intent + "2").c_str()) == 0);
  CHECK(host.store->read("00000001-a", "intent", 100).error().code == ErrorCode::invalid);
  REQUIRE(::symlink("intent", (intent + "3").c_str()) == 0);
  CHECK(host.store->read("00000001-a", "intent3", 100).error().code == ErrorCode::invalid);
}

TEST_CASE("sweep takes away what a killed run left, and follows no planted link") {
  StateHost host;
  host.tree.file("/victim/keep", "kept");
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "x"}}));
  host.tree.file(kChanges + "/.tmp-00000002-b/intent", "half");
  host.tree.file(kChanges + "/.trash-00000000-z/intent", "old");
  host.tree.link(kChanges + "/.tmp-00000003-c", host.tree.at("/victim"));
  REQUIRE(host.store->sweep().empty());
  CHECK((host.store->folders() == std::vector<std::string>{"00000001-a"}));
  CHECK(std::distance(std::filesystem::directory_iterator(host.tree.at(kChanges)), {}) == 1);
  CHECK(file_content(host.tree.at("/victim/keep")) == "kept");
}

TEST_CASE("a removed folder is gone whole, and removing it again is no error") {
  StateHost host;
  REQUIRE(host.store->lock({}));
  REQUIRE(host.store->create_folder("00000001-a", {{"intent", "x"}, {"restore-live.conf", "y"}}));
  CHECK(host.store->remove_folders({"00000001-a"}));
  CHECK(host.store->remove_folders({"00000001-a"}));
  CHECK((host.store->folders() == std::vector<std::string>{}));
}

TEST_CASE("a staged boot file takes effect when published, and keeps the old one's mode") {
  BootHost host;
  host.tree.file(std::string(kSysctlConf), "old\n");
  REQUIRE(::chmod(host.tree.at(kSysctlConf).c_str(), 0640) == 0);
  REQUIRE(host.store->check_writable(kSysctlConf, 0));
  REQUIRE(host.store->stage(kSysctlConf, "a1", "new\n"));
  CHECK((host.store->read(kSysctlConf).value() == std::optional<std::string>("old\n")));
  CHECK((host.store->staged(kSysctlConf, "a1").value() == std::optional<std::string>("new\n")));
  CHECK((host.store->publish(kSysctlConf, "a1", "old\n") == true));
  CHECK((host.store->read(kSysctlConf).value() == std::optional<std::string>("new\n")));
  CHECK(mode_of(host.tree.at(kSysctlConf)) == 0640);
}

TEST_CASE("a missing /etc/sysctl.d is made 0755 and the new file 0644, whatever the umask") {
  BootHost host;
  const mode_t before = ::umask(0777);
  const Result<void> staged = host.store->stage(kBootFile, "a1", "x = 1\n");
  ::umask(before);
  REQUIRE(staged);
  CHECK((host.store->publish(kBootFile, "a1", std::nullopt) == true));
  CHECK(mode_of(host.tree.at("/etc/sysctl.d")) == 0755);
  CHECK(mode_of(host.tree.at(kBootFile)) == 0644);
  CHECK((host.store->remove(kBootFile, "a1", "x = 1\n") == true));
  CHECK((host.store->read(kBootFile).value() == std::optional<std::string>()));
}

TEST_CASE("a boot file that is not as it was a moment ago is somebody else's: neither replaced nor taken away") {
  BootHost host;
  host.tree.file(std::string(kSysctlConf), "his\n");
  REQUIRE(host.store->stage(kSysctlConf, "a1", "new\n"));
  CHECK((host.store->publish(kSysctlConf, "a1", "old\n") == false));
  CHECK((host.store->publish(kSysctlConf, "a1", std::nullopt) == false));
  CHECK((host.store->remove(kSysctlConf, "a2", "old\n") == false));
  CHECK(file_content(host.tree.at(kSysctlConf)) == "his\n");
  std::filesystem::remove(host.tree.at(kSysctlConf));
  CHECK((host.store->publish(kSysctlConf, "a1", "old\n") == false));
  CHECK((host.store->read(kSysctlConf).value() == std::optional<std::string>()));
  CHECK((host.store->remove(kSysctlConf, "a2", "old\n") == true));
}

TEST_CASE("somebody else's boot file that a run was killed over comes back to its place") {
  for (const bool replaced : {true, false}) {
    BootHost host;
    if (replaced) host.tree.file(std::string(kSysctlConf), "new\n");
    host.tree.file("/etc/.twctl-a1.tmp", "old\n");
    CHECK((host.store->ensure_on_disk(kSysctlConf, "a1", "old\n") == true));
    host.tree.file("/etc/.twctl-a1.tmp", "his\n");
    CHECK((host.store->ensure_on_disk(kSysctlConf, "a1", "old\n") == false));
    CHECK(file_content(host.tree.at(kSysctlConf)) == "his\n");
  }
}

// Who changes a file by rename, as configuration managers do, again and again while it is exchanged.
TEST_CASE("N54: of what somebody else writes while a boot file is exchanged and exchanged back, the last is kept") {
  BootHost host;
  const std::string target = host.tree.at(kSysctlConf);
  for (int round = 0; round < 500; ++round) {
    host.tree.file(std::string(kSysctlConf), "old\n").file("/etc/first", "41\n").file("/etc/second", "42\n");
    REQUIRE(host.store->stage(kSysctlConf, "a1", "ours\n"));
    std::thread other([&] {
      for (const char* name : {"/etc/first", "/etc/second"}) {
        (void)::rename(host.tree.at(name).c_str(), target.c_str());
      }
    });
    const Result<bool> published = host.store->publish(kSysctlConf, "a1", "old\n");
    other.join();
    REQUIRE(published);
    REQUIRE(file_content(target) == "42\n");
  }
}

TEST_CASE("a boot file that is a link, has a second name or is none of ours is refused") {
  BootHost host;
  host.tree.file("/etc/passwd", "root\n").directory("/etc/sysctl.d").link(kBootFile, "/etc/passwd");
  CHECK(host.store->check_writable(kBootFile, 0).error().code == ErrorCode::denied);
  CHECK(host.store->stage(kBootFile, "a1", "x").error().code == ErrorCode::denied);
  host.tree.file(std::string(kSysctlConf), "x\n");
  REQUIRE(::link(host.tree.at(kSysctlConf).c_str(), host.tree.at("/etc/other").c_str()) == 0);
  CHECK(host.store->check_writable(kSysctlConf, 0).error().code == ErrorCode::denied);
  CHECK(host.store->stage("/etc/passwd", "a1", "x").error().code == ErrorCode::denied);
  CHECK(file_content(host.tree.at("/etc/passwd")) == "root\n");
}

TEST_CASE("sweeping boot files takes staged ones only") {
  BootHost host;
  host.tree.file("/etc/sysctl.d/.twctl-dead.tmp", "half").file("/etc/sysctl.d/10-x.conf", "x = 1\n");
  host.tree.file("/etc/.twctl-dead.tmp", "half");
  REQUIRE(host.store->sweep("").empty());
  CHECK_FALSE(std::filesystem::exists(host.tree.at("/etc/sysctl.d/.twctl-dead.tmp")));
  CHECK_FALSE(std::filesystem::exists(host.tree.at("/etc/.twctl-dead.tmp")));
  CHECK(std::filesystem::exists(host.tree.at("/etc/sysctl.d/10-x.conf")));
}

TEST_CASE("a directory of boot files that is a link or a file is denied by its path, and not in the way of a sweep") {
  for (const bool is_link : {true, false}) {
    BootHost host;
    host.tree.file("/etc/real/.twctl-dead.tmp", "of others").file("/etc/.twctl-dead.tmp", "half");
    if (is_link) {
      host.tree.link("/etc/sysctl.d", "real");
    } else {
      host.tree.file("/etc/sysctl.d", "a file");
    }
    CHECK(host.store->sweep("").empty());
    CHECK(std::filesystem::exists(host.tree.at("/etc/real/.twctl-dead.tmp")));
    CHECK_FALSE(std::filesystem::exists(host.tree.at("/etc/.twctl-dead.tmp")));
    const auto checked = host.store->check_writable(kBootFile, 0);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::denied);
    CHECK(checked.error().message ==
          host.tree.at("/etc/sysctl.d") + " is no directory of its own; twctl does not write through links");
    CHECK(host.store->stage(kBootFile, "a1", "x").error().code == ErrorCode::denied);
  }
}
