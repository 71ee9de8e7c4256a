// What a root directory keeps in, what of it twctl trusts to write in, and what it finds out before it does.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "platform/linux/boot_file_store.hpp"
#include "platform/linux/state_directory.hpp"
#include "platform/output_file.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/names.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

const std::string kLink = "; twctl does not write through links";

bool is_there(const std::string& path) { return std::filesystem::exists(path); }

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
    return message_of(make_boot_file_store(here)->check_writable(path, 0));
  }
};

// What a run leaves that changes a host: a record, and a boot file.
std::string change(const Root& root) {
  const auto state = make_state_directory(root);
  const auto boot_files = make_boot_file_store(root);
  std::string said = message_of(state->lock({})) + message_of(state->create_folder("00000001-a", {{"intent", "x"}}));
  said += message_of(boot_files->stage(kBootFile, "a1", "x = 1\n"));
  return said + (boot_files->publish(kBootFile, "a1", std::nullopt) == true ? "" : "not published");
}

// With all that this process may have, but for those (bits of the first 32).
std::string with_capabilities_but(std::uint32_t dropped, const std::function<std::string()>& body) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> sets = {};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return "no capabilities";
  for (auto& set : sets) set.effective = set.permitted;
  sets[0].effective &= ~dropped;
  return ::syscall(SYS_capset, &header, sets.data()) == 0 ? body() : "no capabilities";
}

// Without them a plain user could not write there at all.
std::string with_file_capabilities(const std::function<std::string()>& body) { return with_capabilities_but(0, body); }

void set_acl(const std::string& path, std::vector<posix_acl_xattr_entry> named,
             const char* list = "system.posix_acl_access") {
  std::vector<posix_acl_xattr_entry> entries{{ACL_USER_OBJ, 6, kNobody}};
  entries.insert(entries.end(), named.begin(), named.end());
  entries.push_back({ACL_GROUP_OBJ, 4, kNobody});
  entries.push_back({ACL_MASK, 6, kNobody});
  entries.push_back({ACL_OTHER, 4, kNobody});
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.e_tag < b.e_tag; });
  const posix_acl_xattr_header header{.a_version = POSIX_ACL_XATTR_VERSION};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(entries.data()), entries.size() * sizeof entries[0]);
  REQUIRE(::setxattr(path.c_str(), list, bytes.data(), bytes.size(), 0) == 0);
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

TEST_CASE("what is mounted in the folder of a test that ends early is not taken away with it") {
  const auto said = in_namespace([]() -> std::string {
    const Tree kept;
    std::ofstream(kept.at("/file")) << "x";
    {
      Tree ends;
      ends.directory("/etc/a");
      if (::mount(kept.root().c_str(), ends.at("/etc").c_str(), nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    }
    return is_there(kept.at("/file")) ? "kept" : "gone";
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "kept");
}

TEST_CASE("H01: the running system's own directories, mounted into an image, are not the image's") {
  const auto said = in_namespace([]() -> std::string {
    Image image;
    const std::string var = image.tree.at("/var/lib");
    // With the image goes what is still mounted into it where this ends early: that must not be the machine's.
    for (const char* covered : {"/var/lib", "/etc"}) {
      if (::mount("tmpfs", covered, "tmpfs", 0, "mode=0755") != 0) return "no tmpfs";
    }
    if (::mount("/var/lib", var.c_str(), nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    if (::mount("/etc", image.tree.at("/etc").c_str(), nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    const Root root = image.root();
    const std::string locked = message_of(make_state_directory(root)->lock({}));
    const std::string hint = make_state_directory(root)->lock({}).error().hint;
    if (hint != "unmount it there; or leave out --root, to change the running system") return hint;
    const std::string kept = is_there("/var/lib/twctl") ? " and made" : "";
    const std::string boot = image.writable();
    ::umount(var.c_str());
    ::umount(image.tree.at("/etc").c_str());
    const bool all = locked == image.tree.at("/var/lib/twctl") + " would not be safe: " + var +
                                   " is the running system's own /var/lib" &&
                     boot == image.tree.at(kBootFile) + " would not be safe: " + image.tree.at("/etc") +
                                 " is the running system's own /etc";
    return all ? "refused" + kept : locked + "; " + boot;
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "refused");
}

TEST_CASE("P14: the root directory at a second mount is no running system, and nothing outside of it is touched") {
  const auto said = in_namespace([]() -> std::string {
    Tree tree;
    tree.directory("/var/lib").directory("/etc/sysctl.d").directory("/mnt").link("/link", "/");
    const char* top = tree.root().c_str();
    if (::mount("tmpfs", top, "tmpfs", 0, "mode=0755") != 0) return "no tmpfs";
    for (const char* name : {"/var", "/var/lib", "/etc", "/etc/sysctl.d", "/mnt", "/proc"}) {
      std::filesystem::create_directory(tree.at(name));
    }
    if (::mount("/proc", tree.at("/proc").c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return "no bind mount";
    std::filesystem::create_symlink("/", tree.at("/link"));
    if (::chdir(top) != 0 || ::chroot(".") != 0) return "no chroot";
    if (::mount("/", "/mnt", nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    for (const char* covered : {"/var/lib", "/etc"}) {
      if (::mount("tmpfs", covered, "tmpfs", 0, "mode=0755") != 0) return "no tmpfs";
    }
    std::filesystem::create_directory("/etc/sysctl.d");
    std::string wrong;
    for (const char* name : {"/", "//", "/.", "/mnt/..", "/link"}) {
      if (!Root::open(name)->is_running_system()) wrong += std::string(name) + " is not the running system; ";
    }
    const Root second = *Root::open("/mnt");
    if (second.is_running_system()) wrong += "/mnt is; ";
    wrong += change(second);
    if (is_there("/var/lib/twctl") || is_there(kBootFile)) wrong += "the running system was changed; ";
    return wrong + (is_there("/mnt" + kChanges) && is_there("/mnt" + kBootFile) ? "" : "/mnt was not");
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "");
}

TEST_CASE("P14: what is mounted at a second place below the root is the running system's still") {
  const auto said = in_namespace([]() -> std::string {
    Image image;
    const std::string changes = image.tree.at(kChanges);
    if (::mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=0755") != 0) return "no tmpfs";
    const Root running = *Root::open("/");
    if (const std::string fails = message_of(make_state_directory(running)->lock({})); !fails.empty()) return fails;
    std::filesystem::create_directories(changes);
    std::filesystem::permissions(image.tree.at("/var/lib/twctl"), std::filesystem::perms::owner_all);
    if (::mount(kChanges.c_str(), changes.c_str(), nullptr, MS_BIND, nullptr) != 0) return "no bind mount";
    const Root root = image.root();
    const std::string locked = message_of(make_state_directory(root)->lock({}));
    ::umount(changes.c_str());
    return locked.substr(locked.find(": ") + 2) == changes + " is the running system's own " + kChanges ? "" : locked;
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "");
}

TEST_CASE("H02: what becomes of the root's name once it is open changes nothing") {
  Image image;
  Image other;
  const Root root = image.root();
  const std::string aside = image.tree.root() + ".aside";
  std::filesystem::rename(image.tree.root(), aside);
  std::filesystem::create_symlink(other.tree.root(), image.tree.root());
  CHECK(change(root) == "");
  CHECK(is_there(aside + kBootFile));
  CHECK(is_there(aside + kChanges + "/00000001-a"));
  CHECK_FALSE(is_there(other.tree.at(kBootFile)));
  CHECK_FALSE(is_there(other.tree.at("/var/lib/twctl")));
  std::filesystem::remove(image.tree.root());
  std::filesystem::rename(aside, image.tree.root());
}

TEST_CASE("H03: a boot file that is a mount point is found out by looking") {
  const auto said = in_namespace([] {
    Image image;
    image.tree.file(kBootFile, "x = 1\n").file("/other", "x = 2\n");
    const std::string before = image.writable();
    if (::mount(image.tree.at("/other").c_str(), image.tree.at(kBootFile).c_str(), nullptr, MS_BIND, nullptr) != 0) {
      return std::string("no bind mount");
    }
    const std::size_t prefix = image.tree.root().size();
    std::string there = before + image.writable().substr(prefix);
    forbid_system_call(SYS_statx, ENOSYS);  // then the C library tells of no attributes
    there += "; " + image.writable().substr(prefix);
    ::umount(image.tree.at(kBootFile).c_str());
    return there;
  });
  if (!said) SKIP_TEST("no namespaces here");
  const std::string refusal = "/etc/sysctl.d/60-twctl.conf is a mount point, so it cannot be replaced";
  CHECK(*said == refusal + "; " + refusal);
}

TEST_CASE("H03: where the file system cannot rename without replacing, staging finds out, and leaves nothing behind") {
  for (const bool removes : {false, true}) {
    Image image;
    const std::string said = in_child([&]() -> std::string {
      const Root root = image.root();
      const auto store = make_boot_file_store(root);
      forbid_system_call(SYS_renameat2, EINVAL);
      const auto staged = store->stage(kBootFile, "a1", removes ? std::nullopt : std::optional<std::string>("x = 1\n"));
      return std::string(staged.error().code == ErrorCode::unsupported ? "unsupported: " : "") + message_of(staged);
    });
    CHECK(said == "unsupported: the file system of " + image.tree.at(kBootFile) +
                      " cannot rename without replacing (RENAME_NOREPLACE)");
    CHECK(std::filesystem::is_empty(image.tree.at("/etc/sysctl.d")));
  }
}

TEST_CASE("H03: where the file system cannot exchange two files, a boot file is replaced by a plain rename") {
  Image image;
  image.tree.file(kBootFile, "x = 1\n");
  const std::string said = in_child([&] {
    const Root root = image.root();
    const auto store = make_boot_file_store(root);
    forbid_system_call(SYS_renameat2, EINVAL, 4, RENAME_EXCHANGE);
    const std::string staged = message_of(store->stage(kBootFile, "a1", "x = 2\n"));
    return staged + message_of(store->publish(kBootFile, "a1", "x = 1\n"));
  });
  CHECK(said == "");
  const Root root = image.root();
  CHECK(make_boot_file_store(root)->read(kBootFile).value() == "x = 2\n");
  CHECK(std::distance(std::filesystem::directory_iterator(image.tree.at("/etc/sysctl.d")), {}) == 1);
}

TEST_CASE("H03: a boot file that root may not write, for want of CAP_DAC_OVERRIDE, is found out by looking") {
  if (::geteuid() != 0) SKIP_TEST("needs root, whom a file's mode keeps from nothing else");
  Image image;
  image.tree.file(kBootFile, "x = 1\n");
  REQUIRE(::chmod(image.tree.at(kBootFile).c_str(), 0444) == 0);
  CHECK(image.writable() == "");
  CHECK(in_child([&] { return with_capabilities_but(1U << CAP_DAC_OVERRIDE, [&] { return image.writable(); }); }) ==
        image.tree.at(kBootFile) + ": Permission denied");
}

TEST_CASE("H03: a boot file is read where there is no /proc, by which an open one could be opened again") {
  const auto said = in_namespace([] {
    Image image;
    image.tree.file(kBootFile, "x = 1\n");
    const Root root = image.root();
    if (::mount("none", "/proc", "tmpfs", 0, nullptr) != 0) return std::string("no tmpfs");
    const auto bytes = make_boot_file_store(root)->read(kBootFile);
    return bytes ? bytes->value_or("no file") : bytes.error().message;
  });
  if (!said) SKIP_TEST("no namespaces here");
  CHECK(*said == "x = 1\n");
}

TEST_CASE("H03: a staged file from which what its folder gives it cannot be taken away again is refused") {
  Image image;
  image.tree.file(kBootFile, "x = 1\n");
  set_acl(image.tree.at("/etc/sysctl.d"), {{ACL_USER, 6, 1000}}, "system.posix_acl_default");
  const std::string said = in_child([&] {
    const Root root = image.root();
    const auto store = make_boot_file_store(root);
    forbid_system_call(SYS_fremovexattr, EIO);
    return message_of(store->stage(kBootFile, "a1", "x = 2\n"));
  });
  CHECK(said == "the new " + image.tree.at(kBootFile) + " cannot be prepared: Input/output error");
}

TEST_CASE("H03: staging a removal only tries the rename: nothing is left") {
  Image image;
  image.tree.file(kBootFile, "x = 1\n");
  const Root root = image.root();
  const auto store = make_boot_file_store(root);
  REQUIRE(store->stage(kBootFile, "a1", std::nullopt));
  CHECK(std::distance(std::filesystem::directory_iterator(image.tree.at("/etc/sysctl.d")), {}) == 1);
  CHECK(store->remove(kBootFile, "a1", "x = 1\n") == true);
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

TEST_CASE("H08: a profile whose access control list cannot be read is not trusted") {
  Tree tree;
  tree.file("/p.ini", "x");
  REQUIRE(::chmod(tree.at("/p.ini").c_str(), 0664) == 0);
  const std::string said = in_child([&] {
    forbid_system_call(SYS_getxattr, EIO);
    return distrust_of(tree.at("/p.ini"));
  });
  CHECK(said == tree.at("/p.ini") + ": its access control list cannot be read: Input/output error");
}

TEST_CASE("H08: directories of boot files and of the state that others own or may write are refused") {
  if (::geteuid() != 0) SKIP_TEST("needs root to give files away");
  for (const char* path : {"/etc", "/etc/sysctl.d", "/var", "/var/lib"}) {
    for (const bool gives : {true, false}) {
      CAPTURE(path);
      Image image;
      const std::string folder = image.tree.at(path);
      REQUIRE((gives ? ::lchown(folder.c_str(), 1000, 0) : ::chmod(folder.c_str(), 0777)) == 0);
      const std::string fault = folder + (gives ? " is owned by uid 1000" : " is writable by others");
      const Root root = image.root();
      const bool of_state = std::string_view(path).starts_with("/var");
      const Result<void> locked = make_state_directory(root)->lock({});
      CHECK(message_of(locked) ==
            (of_state ? image.tree.at("/var/lib/twctl") + " would not be safe: " + fault : std::string()));
      CHECK(image.writable() == (of_state ? "" : image.tree.at(kBootFile) + " would not be safe: " + fault));
      CHECK(message_of(make_state_directory(root)->check_usable(StateStore::Caller::root)) == message_of(locked));
    }
  }
}

TEST_CASE("H08: a boot file that others own or may write is not taken for twctl's") {
  if (::geteuid() != 0) SKIP_TEST("needs root to give files away");
  for (const std::string_view path : {kOwnBootFile, kSysctlConf}) {
    Image image;
    image.tree.file(path, "x = 1\n");
    const std::string file = image.tree.at(path);
    const std::string refusal = file + " would not be safe: " + file;
    CHECK(image.writable(path) == "");
    REQUIRE(::chmod(file.c_str(), 0666) == 0);
    CHECK(image.writable(path) == refusal + " is writable by others");
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    REQUIRE(::lchown(file.c_str(), 1000, 0) == 0);
    CHECK(image.writable(path) == refusal + " is owned by uid 1000");
    REQUIRE(::lchown(file.c_str(), 0, 1000) == 0);
    REQUIRE(::chmod(file.c_str(), 0664) == 0);
    CHECK(image.writable(path) == refusal + " is writable by group 1000");
    REQUIRE(::lchown(file.c_str(), 0, 0) == 0);
    CHECK(image.writable(path) == "");
    set_acl(file, {{ACL_USER, 6, 1000}});
    CHECK(image.writable(path) == refusal + " is writable by uid 1000");
  }
}

TEST_CASE("H08: who is not root, but has capabilities, leaves nothing of his own in a directory of root's") {
  if (::geteuid() != 0) SKIP_TEST("needs root to take on another user");
  for (const bool his : {false, true}) {
    Image image;
    REQUIRE(::chmod(image.tree.root().c_str(), 0755) == 0);
    for (const char* path : {"/etc", "/etc/sysctl.d", "/var", "/var/lib"}) {
      if (his) REQUIRE(::lchown(image.tree.at(path).c_str(), 1000, 1000) == 0);
    }
    const std::string said = in_child([&] {
      const Root root = image.root();
      if (::prctl(PR_SET_KEEPCAPS, 1) != 0 || ::setresuid(1000, 1000, 1000) != 0) return std::string("still root");
      return with_file_capabilities([&] { return change(root); });
    });
    const std::string refusal = image.tree.at("/var/lib/twctl") + " cannot be made: Permission denied";
    CHECK(said == (his ? ""
                       : refusal + refusal + "the new " + image.tree.at(kBootFile) +
                             " cannot be prepared: Permission denied" + "not published"));
    CHECK(is_there(image.tree.at(kBootFile)) == his);
    CHECK(is_there(image.tree.at("/var/lib/twctl")) == his);
    CHECK(std::filesystem::is_empty(image.tree.at("/etc/sysctl.d")) != his);
  }
}

TEST_CASE("H12: what keeps a run from taking the lock is found out by looking, with its words") {
  const auto both = [](Image& image) {
    const Root root = image.root();
    const std::string looked = message_of(make_state_directory(root)->check_usable(StateStore::Caller::this_user));
    const std::string locked = message_of(make_state_directory(root)->lock({}));
    CHECK(looked == locked);
    return looked;
  };
  const std::string state = "/var/lib/twctl";
  const auto made = [&](Image& image) {
    const Root root = image.root();
    REQUIRE(make_state_directory(root)->lock({}));
    return image.tree.at(state);
  };
  Image fresh;
  CHECK(message_of(make_state_directory(*Root::open(fresh.tree.root()))->check_usable(StateStore::Caller::root)) == "");
  CHECK_FALSE(is_there(fresh.tree.at(state)));
  Image missing;
  std::filesystem::remove(missing.tree.at("/var/lib"));
  CHECK(both(missing) == missing.tree.at("/var/lib") + ": No such file or directory");
  Image open;
  REQUIRE(::chmod(made(open).c_str(), 0755) == 0);
  CHECK(both(open) ==
        open.tree.at(state) + " is not safe: it belongs to uid " + std::to_string(::geteuid()) + " and has mode 0755");
  const std::string blank = open.tree.root() + " b";  // H20: what is to be typed is quoted
  std::filesystem::rename(open.tree.root(), blank);
  CHECK(make_state_directory(*Root::open(blank))->check_usable(StateStore::Caller::root).error().hint ==
        fmt::format("it must be root's alone: look at what is in it, then `chown root '{0}' && chmod 0700 '{0}'`",
                    blank + state));
  std::filesystem::rename(blank, open.tree.root());
  Image linked;
  std::filesystem::remove(made(linked) + "/lock");
  linked.tree.link(state + "/lock", "/victim");
  CHECK(both(linked) == linked.tree.at(state + "/lock") + ": Too many levels of symbolic links");
  Image twice;
  REQUIRE(::link((made(twice) + "/lock").c_str(), twice.tree.at("/second").c_str()) == 0);
  CHECK(both(twice) == twice.tree.at(state + "/lock") + " is not a plain file with one name");
}

TEST_CASE("H12: whatever stands in the way of a boot file is found out by looking") {
  Image linked;
  linked.tree.file("/victim", "x = 1\n").link(kBootFile, "/victim");
  CHECK(linked.writable() == linked.tree.at(kBootFile) + " is a symbolic link" + kLink);
  Image twice;
  twice.tree.file(kBootFile, "x = 1\n");
  REQUIRE(::link(twice.tree.at(kBootFile).c_str(), twice.tree.at("/second").c_str()) == 0);
  CHECK(twice.writable() == twice.tree.at(kBootFile) + " is not a plain file with one name");
  Image folder;
  folder.tree.directory(kBootFile);
  CHECK(folder.writable() == folder.tree.at(kBootFile) + " is not a plain file with one name");
  Image file;
  std::filesystem::remove(file.tree.at("/etc/sysctl.d"));
  file.tree.file("/etc/sysctl.d", "a file");
  CHECK(file.writable() == file.tree.at("/etc/sysctl.d") + " is no directory of its own" + kLink);
  Image open;
  REQUIRE(::chmod(open.tree.at("/etc/sysctl.d").c_str(), 01777) == 0);
  CHECK(open.writable() ==
        open.tree.at(kBootFile) + " would not be safe: " + open.tree.at("/etc/sysctl.d") + " is writable by others");
  Image looped;
  std::filesystem::remove_all(looped.tree.at("/etc"));
  looped.tree.link("/etc", "etc");
  const Root loop = looped.root();
  const auto no_way = make_boot_file_store(loop)->check_writable(kBootFile, 0);
  CHECK(message_of(no_way) == looped.tree.at("/etc") + ": Too many levels of symbolic links");
  CHECK(no_way.error().hint == "");  // no other boot file would help
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

TEST_CASE("the file of a pending change that the system does not take away is named, with the reason") {
  Image image;
  const std::string said = in_child([&] {
    const Root root = image.root();
    const auto state = make_state_directory(root);
    std::string first = message_of(state->lock({}));
    first += message_of(state->hold(StateStore::Lock::watchdog, {}));
    forbid_system_call(SYS_unlinkat, EIO);
    const Result<void> gone = state->withdraw_pending();
    return first + message_of(gone) + (!gone && gone.error().code == ErrorCode::failed ? "" : "; not failed");
  });
  CHECK(said == image.tree.at("/var/lib/twctl/pending") + ": Input/output error");
}

TEST_CASE("H15: an output FIFO that is exchanged for another name of a file does not have it written over") {
  Tree tree;
  tree.file("/victim", "mine");
  const std::string fifo = tree.at("/fifo");
  const std::string victim = tree.at("/victim");
  const std::string next = tree.at("/next");
  const std::string name = tree.at("/out");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  const auto put = [&](const std::string& what) {
    (void)::link(what.c_str(), next.c_str());
    (void)::rename(next.c_str(), name.c_str());
  };
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      put(fifo);
      put(victim);
    }
  });
  constexpr int kEnough = 20;  // times that it was a FIFO to the look, and the file to the write
  int exchanged = 0;
  while (exchanged < kEnough && file_content(victim) == "mine") {
    const Result<void> written = replace_output(name, "theirs");
    if (!written && written.error().message.ends_with("somebody has exchanged it meanwhile")) ++exchanged;
  }
  done = true;
  other.join();
  ::close(reader);
  CHECK(file_content(victim) == "mine");
}

TEST_CASE("H18: folders within what a killed run left are taken away with it") {
  Image image;
  const Root root = image.root();
  const auto state = make_state_directory(root);
  REQUIRE(state->lock({}));
  image.tree.file(kChanges + "/.trash-00000001-a/inner/deep/x", "x").file("/victim/keep", "kept");
  image.tree.link(kChanges + "/.trash-00000001-a/inner/link", image.tree.at("/victim"));
  image.tree.file("/etc/sysctl.d/.twctl-dead.tmp/inner/x", "x");
  CHECK(state->sweep().empty());
  CHECK(make_boot_file_store(root)->sweep("").empty());
  CHECK(std::filesystem::is_empty(image.tree.at(kChanges)));
  CHECK(std::filesystem::is_empty(image.tree.at("/etc/sysctl.d")));
  CHECK(file_content(image.tree.at("/victim/keep")) == "kept");
}

TEST_CASE("H18: what cannot be taken away, and what is no change, is named by its path, and the rest goes") {
  Image image;
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/d";
  const Root root = image.root();
  const auto state = make_state_directory(root);
  REQUIRE(state->lock({}));
  for (const std::string& folder : {std::string("/etc/sysctl.d"), kChanges}) {
    const bool of_state = folder == kChanges;
    const std::string name = of_state ? "/.tmp-" : "/.twctl-";
    const std::string first = folder + name + "a.tmp";
    image.tree.directory(first + deep).file(folder + name + "b.tmp", "x");
    if (of_state) image.tree.directory(folder + "/lost+found").file(folder + "/00000001-a.bak", "x");
    const std::vector<Error> left = of_state ? state->sweep() : make_boot_file_store(root)->sweep("");
    REQUIRE(left.size() == (of_state ? 3 : 1));
    CHECK(left[0].message == image.tree.at(first) + ": Directory not empty");
    if (of_state) CHECK(left[1].message == image.tree.at(folder + "/00000001-a.bak") + " is no change");
    if (of_state) CHECK(left[2].message == image.tree.at(folder + "/lost+found") + " is no change");
    CHECK_FALSE(is_there(image.tree.at(folder + name + "b.tmp")));
  }
  CHECK(state->folders().value().empty());
}

TEST_CASE("N105: of what is no change in the state directory the first hundred are named, and the others counted") {
  Image image;
  const Root root = image.root();
  const auto state = make_state_directory(root);
  REQUIRE(state->lock({}));
  for (int i = 100; i < 200; ++i) image.tree.file(kChanges + "/x" + std::to_string(i), "");
  CHECK(state->sweep().size() == 100);
  image.tree.file(kChanges + "/y", "").file(kChanges + "/z", "");
  const std::vector<Error> left = state->sweep();
  REQUIRE(left.size() == 101);
  CHECK(left[99].message == image.tree.at(kChanges + "/x199") + " is no change");
  CHECK(left[100].message == "2 more in " + image.tree.at(kChanges) + " are no changes");
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
