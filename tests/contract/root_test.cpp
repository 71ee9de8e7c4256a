// What a root directory keeps in, what of it twctl trusts to write in, and what it finds out before it does.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/state_directory.hpp"
#include "platform/platform.hpp"
#include "platform/posix/output_file.hpp"
#include "support/in_namespace.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const std::string kOwn{kOwnBootFile};
const std::string kChanges = "/var/lib/twctl/changes";
const std::string kLink = "; twctl does not write through links";

bool is_there(const std::string& path) { return std::filesystem::exists(path); }

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

constexpr __le32 kNobody = static_cast<__le32>(ACL_UNDEFINED_ID);

// "" for success.
template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "" : result.error().message;
}

// A host with a state directory's parent and with boot files' directories.
struct Image {
  Image() { tree.directory("/var/lib").directory("/etc/sysctl.d"); }
  Tree tree;
  [[nodiscard]] Root root() const { return *Root::open(tree.root()); }
  [[nodiscard]] std::string writable(std::string_view path = kOwnBootFile) const {
    const Root here = root();
    return message_of(make_boot_file_store(here)->check_writable(path));
  }
};

// What a run leaves that changes a host: a record, and a boot file.
std::string change(const Root& root) {
  const auto state = make_state_directory(root);
  const auto boot_files = make_boot_file_store(root);
  std::string said = message_of(state->lock({})) + message_of(state->create_folder("00000001-a", {{"intent", "x"}}));
  said += message_of(boot_files->stage(kOwn, "a1", "x = 1\n"));
  return said + (boot_files->publish(kOwn, "a1", std::nullopt) == true ? "" : "not published");
}

void set_acl(const std::string& path, std::vector<posix_acl_xattr_entry> named) {
  std::vector<posix_acl_xattr_entry> entries{{ACL_USER_OBJ, 6, kNobody}};
  entries.insert(entries.end(), named.begin(), named.end());
  entries.push_back({ACL_GROUP_OBJ, 4, kNobody});
  entries.push_back({ACL_MASK, 6, kNobody});
  entries.push_back({ACL_OTHER, 4, kNobody});
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.e_tag < b.e_tag; });
  const posix_acl_xattr_header header{.a_version = POSIX_ACL_XATTR_VERSION};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(entries.data()), entries.size() * sizeof entries[0]);
  REQUIRE(::setxattr(path.c_str(), "system.posix_acl_access", bytes.data(), bytes.size(), 0) == 0);
}

std::string distrust_of(const std::string& path) {
  const auto platform = make_platform({});
  const auto profile = (*platform)->files().read_profile(path, 1000);
  return profile ? profile->distrust : profile.error().message;
}

}  // namespace

TEST_CASE("H01: links in an image lead to where they would if it were /, for every store, with openat2 and without") {
  for (const bool has_openat2 : {true, false}) {
    Tree outside;
    outside.directory("/lib").directory("/sysctl.d").file("/hostname", "outside\n");
    Tree image;
    image.link("/var", outside.root()).link("/etc", "../../../../.." + outside.root());
    image.directory(outside.root() + "/lib").directory(outside.root() + "/sysctl.d");
    image.file(outside.root() + "/hostname", "inside\n");
    const std::string said = in_child([&] {
      if (!has_openat2) forbid_system_call(SYS_openat2, ENOSYS);
      const auto platform = make_platform({.root = image.root(), .netns = {}});
      const auto hostname = (*platform)->files().read("/etc/hostname", 100);
      return change(*Root::open(image.root())) + (hostname && *hostname ? **hostname : "none");
    });
    CHECK(said == "inside\n");
    CHECK(is_there(image.at(outside.root() + "/lib/twctl/changes/00000001-a/intent")));
    CHECK(is_there(image.at(outside.root() + "/sysctl.d/60-twctl.conf")));
    CHECK(std::filesystem::is_empty(outside.at("/lib")));
    CHECK(std::filesystem::is_empty(outside.at("/sysctl.d")));
  }
}

TEST_CASE("H01: the running system's own directories, mounted into an image, are not the image's") {
  const auto said = in_namespace([]() -> std::string {
    Image image;
    const std::string var = image.tree.at("/var/lib");
    if (::mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=0755") != 0) return "no tmpfs";
    if (::mount("/var/lib", var.c_str(), nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    if (::mount("/etc", image.tree.at("/etc").c_str(), nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    const Root root = image.root();
    const std::string locked = message_of(make_state_directory(root)->lock({}));
    const std::string kept = is_there("/var/lib/twctl") ? " and made" : "";
    const std::string boot = image.writable();
    ::umount(var.c_str());
    ::umount(image.tree.at("/etc").c_str());
    const bool all =
        locked ==
            image.tree.at("/var/lib/twctl") + " would not be safe: " + var + " is the running system's own /var/lib" &&
        boot == kOwn + " would not be safe: " + image.tree.at("/etc") + " is the running system's own /etc";
    return all ? "refused" + kept : locked + "; " + boot;
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "refused");
}

TEST_CASE("H02: what becomes of the root's name once it is open changes nothing") {
  Image image;
  Image other;
  const Root root = image.root();
  const std::string aside = image.tree.root() + ".aside";
  std::filesystem::rename(image.tree.root(), aside);
  std::filesystem::create_symlink(other.tree.root(), image.tree.root());
  CHECK(change(root) == "");
  CHECK(is_there(aside + kOwn));
  CHECK(is_there(aside + kChanges + "/00000001-a"));
  CHECK_FALSE(is_there(other.tree.at(kOwn)));
  CHECK_FALSE(is_there(other.tree.at("/var/lib/twctl")));
  std::filesystem::remove(image.tree.root());
  std::filesystem::rename(aside, image.tree.root());
}

TEST_CASE("H03: a boot file that is a mount point is found out by looking") {
  const auto said = in_namespace([] {
    Image image;
    image.tree.file(kOwn, "x = 1\n").file("/other", "x = 2\n");
    const std::string before = image.writable();
    if (::mount(image.tree.at("/other").c_str(), image.tree.at(kOwn).c_str(), nullptr, MS_BIND, nullptr) != 0) {
      return std::string("no bind mount");
    }
    std::string there = before + image.writable();
    forbid_system_call(SYS_statx, ENOSYS);  // then the C library tells of no attributes
    there += "; " + image.writable();
    ::umount(image.tree.at(kOwn).c_str());
    return there;
  });
  if (!said) SKIP_TEST("no namespaces here");
  const std::string refusal = kOwn + " is a mount point, so it cannot be replaced";
  CHECK(*said == refusal + "; " + refusal);
}

TEST_CASE("H03: where the file system cannot rename without replacing, staging finds out, and leaves nothing behind") {
  for (const bool removes : {false, true}) {
    Image image;
    const std::string said = in_child([&]() -> std::string {
      const Root root = image.root();
      const auto store = make_boot_file_store(root);
      forbid_system_call(SYS_renameat2, EINVAL);
      const auto staged = store->stage(kOwn, "a1", removes ? std::nullopt : std::optional<std::string>("x = 1\n"));
      return std::string(staged.error().code == ErrorCode::unsupported ? "unsupported: " : "") + message_of(staged);
    });
    CHECK(said ==
          "unsupported: the file system of /etc/sysctl.d/60-twctl.conf cannot rename without replacing "
          "(RENAME_NOREPLACE)");
    CHECK(std::filesystem::is_empty(image.tree.at("/etc/sysctl.d")));
  }
}

TEST_CASE("H03: staging a removal only tries the rename: nothing is left") {
  Image image;
  image.tree.file(kOwn, "x = 1\n");
  const Root root = image.root();
  const auto store = make_boot_file_store(root);
  REQUIRE(store->stage(kOwn, "a1", std::nullopt));
  CHECK(std::distance(std::filesystem::directory_iterator(image.tree.at("/etc/sysctl.d")), {}) == 1);
  CHECK(store->remove(kOwn, "a1", "x = 1\n") == true);
  CHECK(std::filesystem::is_empty(image.tree.at("/etc/sysctl.d")));
}

TEST_CASE("H08: a profile whose access control list lets somebody else write it is not trusted") {
  if (::geteuid() != 0) SKIP_TEST("needs root to tell a foreign user from our own");
  Tree tree;
  tree.file("/p.ini", "x").file("/d/p.ini", "x");
  for (const char* path : {"/p.ini", "/d/p.ini"}) REQUIRE(::chmod(tree.at(path).c_str(), 0644) == 0);
  set_acl(tree.at("/p.ini"), {{ACL_USER, 4, 1000}, {ACL_GROUP, 6, 0}});
  CHECK(distrust_of(tree.at("/p.ini")) == "");
  set_acl(tree.at("/p.ini"), {{ACL_USER, 6, 1000}});
  CHECK(distrust_of(tree.at("/p.ini")) == tree.at("/p.ini") + " is writable by uid 1000");
  REQUIRE(::chmod(tree.at("/p.ini").c_str(), 0644) == 0);  // the mask takes the right away
  CHECK(distrust_of(tree.at("/p.ini")) == "");
  set_acl(tree.at("/d"), {{ACL_GROUP, 6, 1000}});
  CHECK(distrust_of(tree.at("/d/p.ini")) == tree.at("/d") + " is writable by group 1000");
}

TEST_CASE("H08: directories of boot files and of the state that others own or may write are refused") {
  if (::geteuid() != 0) SKIP_TEST("needs root to give files away");
  for (const char* path : {"/etc", "/etc/sysctl.d", "/var", "/var/lib"}) {
    for (const bool gives : {true, false}) {
      CAPTURE(path);
      Image image;
      const std::string folder = image.tree.at(path);
      REQUIRE((gives ? ::lchown(folder.c_str(), 1000, 0) : ::chmod(folder.c_str(), 0777)) == 0);
      const std::string fault = std::string(path) + (gives ? " is owned by uid 1000" : " is writable by others");
      const Root root = image.root();
      const bool of_state = std::string_view(path).starts_with("/var");
      const Result<void> locked = make_state_directory(root)->lock({});
      CHECK(message_of(locked) ==
            (of_state ? image.tree.at("/var/lib/twctl") + " would not be safe: " + fault : std::string()));
      CHECK(image.writable() == (of_state ? "" : kOwn + " would not be safe: " + fault));
    }
  }
}

TEST_CASE("H12: whatever stands in the way of a boot file is found out by looking") {
  Image linked;
  linked.tree.file("/victim", "x = 1\n").link(kOwn, "/victim");
  CHECK(linked.writable() == kOwn + " is a symbolic link" + kLink);
  Image twice;
  twice.tree.file(kOwn, "x = 1\n");
  REQUIRE(::link(twice.tree.at(kOwn).c_str(), twice.tree.at("/second").c_str()) == 0);
  CHECK(twice.writable() == kOwn + " is not a plain file with one name");
  Image folder;
  folder.tree.directory(kOwn);
  CHECK(folder.writable() == kOwn + " is not a plain file with one name");
  Image file;
  std::filesystem::remove(file.tree.at("/etc/sysctl.d"));
  file.tree.file("/etc/sysctl.d", "a file");
  CHECK(file.writable() == "/etc/sysctl.d is no directory of its own" + kLink);
  Image open;
  REQUIRE(::chmod(open.tree.at("/etc/sysctl.d").c_str(), 01777) == 0);
  CHECK(open.writable() == kOwn + " would not be safe: /etc/sysctl.d is writable by others");
  CHECK(Image().writable("/etc/sysctl.d/70-x.conf") == "/etc/sysctl.d/70-x.conf is not a file that twctl writes");
  Image missing;
  std::filesystem::remove(missing.tree.at("/etc/sysctl.d"));
  CHECK(missing.writable() == "");
  CHECK(Image().writable(kSysctlConf) == "");
}

TEST_CASE("H13: want of descriptors is no want of rights") {
  Image image;
  const std::string said = in_child([&] {
    const Root root = image.root();
    const auto state = make_state_directory(root);
    const int lowest_free = ::dup(STDOUT_FILENO);
    ::close(lowest_free);
    const auto most = static_cast<rlim_t>(lowest_free);
    const rlimit limit{.rlim_cur = most, .rlim_max = most};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const auto folders = state->folders();
    const Result<void> locked = state->lock({});
    return message_of(folders) + "; " + message_of(locked) +
           (locked.error().code == ErrorCode::failed && folders.error().code == ErrorCode::failed ? ""
                                                                                                  : "; not failed");
  });
  const std::string refusal = image.tree.at("/var/lib") + ": Too many open files";
  CHECK(said == refusal + "; " + refusal);
}

TEST_CASE("H15: an output FIFO that is exchanged for another name of a file does not have it written over") {
  Tree tree;
  tree.file("/victim", "mine");
  const std::string name = tree.at("/out");
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // as prepare_process() does: the reader may go at any moment
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      (void)::mkfifo(name.c_str(), 0600);
      const int reader = ::open(name.c_str(), O_RDONLY | O_NONBLOCK);
      ::unlink(name.c_str());
      (void)::link(tree.at("/victim").c_str(), name.c_str());
      ::unlink(name.c_str());
      ::close(reader);
    }
  });
  for (int i = 0; i < 20'000 && bytes_of(tree.at("/victim")) == "mine"; ++i) (void)replace_output(name, "theirs");
  done = true;
  other.join();
  (void)std::signal(SIGPIPE, before);
  CHECK(bytes_of(tree.at("/victim")) == "mine");
}

TEST_CASE("H18: folders within what a killed run left are taken away with it") {
  Image image;
  const Root root = image.root();
  const auto state = make_state_directory(root);
  REQUIRE(state->lock({}));
  image.tree.file(kChanges + "/.trash-00000001-a/inner/deep/x", "x").file("/victim/keep", "kept");
  image.tree.link(kChanges + "/.trash-00000001-a/inner/link", image.tree.at("/victim"));
  image.tree.file("/etc/sysctl.d/.twctl-dead.tmp/inner/x", "x");
  CHECK(message_of(state->sweep()) == "");
  CHECK(message_of(make_boot_file_store(root)->sweep("")) == "");
  CHECK(std::filesystem::is_empty(image.tree.at(kChanges)));
  CHECK(std::filesystem::is_empty(image.tree.at("/etc/sysctl.d")));
  CHECK(bytes_of(image.tree.at("/victim/keep")) == "kept");
}

TEST_CASE("H18: a folder that cannot be taken away is named by its path") {
  Image image;
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/d";
  image.tree.directory("/etc/sysctl.d/.twctl-dead.tmp" + deep);
  const Root root = image.root();
  CHECK(message_of(make_boot_file_store(root)->sweep("")) == "/etc/sysctl.d/.twctl-dead.tmp: Directory not empty");
}

TEST_CASE("H24: a set-user-id or set-group-id copy refuses to run") {
  if (::geteuid() != 0) SKIP_TEST("needs root to take on another user");
  for (const bool by_user : {true, false}) {
    const int ends = ::fork();
    if (ends == 0) {
      if (by_user) (void)!::setresuid(1000, 0, 0);
      if (!by_user) (void)!::setresgid(1000, 0, 0);
      ::close(STDERR_FILENO);  // what it says there is not for the one who runs the tests
      prepare_process();
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(ends, &status, 0) == ends);
    CHECK(WEXITSTATUS(status) == 77);
  }
}
