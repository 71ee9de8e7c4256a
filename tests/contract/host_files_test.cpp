// The files of a host below a root: what is followed, what is refused, how much is read.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>

#include "platform/output_file.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/tree.hpp"

using namespace twctl;
using twctl::test::in_child;
using twctl::test::Tree;

namespace {

constexpr std::size_t kLimit = 256 * 1024;

std::string read_below(const Tree& tree, std::string_view path) {
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  if (!platform) return platform.error().message;
  const auto bytes = (*platform)->files().read(path, kLimit);
  if (!bytes) return "error: " + bytes.error().message;
  return *bytes ? "bytes: " + **bytes : "no such file";
}

// With openat2, as on a kernel before 5.6, and as in a sandbox that forbids it.
void check_each_way(const std::function<std::string()>& body, const std::string& expected) {
  CHECK(in_child(body) == expected);
  for (const int error : {ENOSYS, EPERM}) {
    CAPTURE(error);
    CHECK(in_child([&] {
            test::forbid_system_call(SYS_openat2, error);
            return body();
          }) == expected);
  }
}

void check_read(const Tree& tree, std::string_view path, const std::string& expected) {
  check_each_way([&] { return read_below(tree, path); }, expected);
}

}  // namespace

TEST_CASE("a file below the root is read") {
  Tree tree;
  tree.file("/etc/sysctl.conf", "a = 1\n");
  check_read(tree, "/etc/sysctl.conf", "bytes: a = 1\n");
}

TEST_CASE("what lies on the way to a file and never stays where it is, which openat2 tells, ends the reading of it") {
  Tree tree;
  tree.file("/etc/sysctl.conf", "a = 1\n");
  CHECK(in_child([&] {
          test::forbid_system_call(SYS_openat2, EAGAIN);
          return read_below(tree, "/etc/sysctl.conf");
        }) == "error: cannot read /etc/sysctl.conf: Resource temporarily unavailable");
}

TEST_CASE("a missing file is no error, nor is one below a file") {
  Tree tree;
  tree.file("/etc/sysctl.conf", "");
  check_read(tree, "/etc/none", "no such file");
  check_read(tree, "/etc/sysctl.conf/none", "no such file");
}

TEST_CASE("links end within the root, absolute, relative and up beyond the top") {
  Tree tree;
  tree.file("/etc/hostname", "inside").link("/lib", "usr/lib").file("/usr/lib/x", "usr-merged");
  tree.link("/etc/absolute", "/etc/hostname").link("/etc/far/up", "../../../../../etc/hostname");
  check_read(tree, "/etc/absolute", "bytes: inside");
  check_read(tree, "/etc/far/up", "bytes: inside");
  check_read(tree, "/lib/x", "bytes: usr-merged");
  check_read(tree, "/lib/../../../etc/hostname", "bytes: inside");
}

TEST_CASE("links in a circle are an error and no hang") {
  Tree tree;
  tree.link("/a", "/b").link("/b", "/a");
  check_read(tree, "/a", "error: cannot read /a: Too many levels of symbolic links");
}

TEST_CASE("a dangling link is a missing file") {
  Tree tree;
  tree.link("/a", "/none");
  check_read(tree, "/a", "no such file");
}

TEST_CASE("a directory and a FIFO without a writer are refused at once") {
  Tree tree;
  tree.directory("/d");
  REQUIRE(::mkfifo(tree.at("/fifo").c_str(), 0600) == 0);
  check_read(tree, "/d", "error: cannot read /d: is a directory");
  check_read(tree, "/fifo", "error: cannot read /fifo: is not a regular file");
}

TEST_CASE("P07, P08: a file at the limit is read, one byte more or a sparse GiB is refused unread") {
  Tree tree;
  tree.file("/full", std::string(kLimit, 'x')).file("/more", std::string(kLimit + 1, 'x')).file("/sparse", "");
  std::filesystem::resize_file(tree.at("/sparse"), 1U << 30U);
  check_read(tree, "/full", "bytes: " + std::string(kLimit, 'x'));
  check_read(tree, "/more", "error: /more: larger than 256 KiB");
  check_read(tree, "/sparse", "error: /sparse: larger than 256 KiB");
}

TEST_CASE("a hostile name is escaped in the message") {
  Tree tree;
  tree.directory("/\x1b[2J");
  check_read(tree, "/\x1b[2J", "error: cannot read /\\x1b[2J: is a directory");
}

TEST_CASE("a directory is listed by byte, and a link tells where it points") {
  Tree tree;
  tree.file("/etc/sysctl.d/b.conf", "").file("/etc/sysctl.d/B.conf", "").link("/etc/sysctl.d/a.conf", "../sysctl.conf");
  check_each_way(
      [&] {
        const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
        HostFiles& files = (*platform)->files();
        std::string text;
        const std::vector<std::string> names = *files.list("/etc/sysctl.d");
        for (const std::string& name : names) {
          text += name + ">" + files.link_target("/etc/sysctl.d/" + name).value_or("") + " ";
        }
        return text + std::to_string(files.list("/none")->size()) + std::to_string(files.exists("/etc/sysctl.d")) +
               std::to_string(files.exists("/etc/none"));
      },
      "B.conf> a.conf>../sysctl.conf b.conf> 010");
}

TEST_CASE("a regular file that somebody may execute is executable, and nothing else is") {
  Tree tree;
  tree.file("/of-others", "").file("/of-nobody", "").directory("/folder").link("/link", "/of-others");
  REQUIRE(::chmod(tree.at("/of-others").c_str(), 0641) == 0);
  REQUIRE(::chmod(tree.at("/of-nobody").c_str(), 0666) == 0);
  check_each_way(
      [&] {
        const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
        std::string text;
        for (const char* path : {"/of-others", "/link", "/of-nobody", "/folder", "/none"}) {
          if ((*platform)->files().executable(path)) text += std::string(path) + " ";
        }
        return text;
      },
      "/of-others /link ");
}

TEST_CASE("N103: a folder of 10,000 entries is listed, and of one more refused by name, but where any number may be") {
  Tree tree;
  for (std::size_t i = 0; i < kMostNames; ++i) tree.file("/etc/sysctl.d/" + std::to_string(i), "");
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  HostFiles& files = (*platform)->files();
  CHECK(files.list("/etc/sysctl.d")->size() == kMostNames);
  CHECK(files.check_listed());
  tree.file("/etc/sysctl.d/more", "");
  CHECK(files.list_all("/etc/sysctl.d")->size() == kMostNames + 1);
  CHECK(files.check_listed());
  CHECK(files.list("/etc/sysctl.d").error().message == "/etc/sysctl.d has more than 10000 entries, which are not read");
  CHECK(files.check_listed().error() == files.list("/etc/sysctl.d").error());
}

TEST_CASE("a directory that is there and cannot be listed is an error, and no empty one") {
  Tree tree;
  tree.link("/etc/sysctl.d", "sysctl.d");
  check_each_way(
      [&] {
        const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
        const auto names = (*platform)->files().list("/etc/sysctl.d");
        return names ? std::string("listed") : names.error().message;
      },
      "cannot read /etc/sysctl.d: Too many levels of symbolic links");
}

TEST_CASE("a root that does not exist is a missing input") {
  const auto platform = make_platform(HostChoice{.root = "/nonexistent/root", .netns = {}});
  REQUIRE(!platform);
  CHECK(platform.error().code == ErrorCode::no_input);
  CHECK(platform.error().message == "cannot read /nonexistent/root: No such file or directory");
}

TEST_CASE(
    "an output file is made for its owner only, keeps its mode and group when it is replaced, and leaves nothing "
    "beside "
    "it") {
  Tree tree;
  const auto platform = make_platform(HostChoice{});
  REQUIRE((*platform)->files().write_output(tree.at("/out"), "new").has_value());
  const auto again = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  CHECK((*again)->files().read("/out", kLimit).value() == "new");
  CHECK(std::filesystem::status(tree.at("/out")).permissions() == std::filesystem::perms(0600));
  std::filesystem::permissions(tree.at("/out"), std::filesystem::perms(0640));
  const bool given = ::chown(tree.at("/out").c_str(), static_cast<uid_t>(-1), 4) == 0;  // as root only
  REQUIRE((*platform)->files().write_output(tree.at("/out"), "newer").has_value());
  struct stat status = {};
  REQUIRE(::stat(tree.at("/out").c_str(), &status) == 0);
  if (given) CHECK(status.st_gid == 4);
  CHECK((*again)->files().read("/out", kLimit).value() == "newer");
  CHECK(std::filesystem::status(tree.at("/out")).permissions() == std::filesystem::perms(0640));
  CHECK((*again)->files().list("/") == std::vector<std::string>{"out"});
}

TEST_CASE("N12: an output file may have the longest name that there is, and one byte more is refused") {
  Tree tree;
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  HostFiles& files = (*platform)->files();
  const std::string longest(255, 'n');  // NAME_MAX
  CHECK(files.write_output(tree.at("/" + longest), "new").has_value());
  CHECK(files.write_output(tree.at("/" + longest), "newer").has_value());
  CHECK(files.read("/" + longest, kLimit).value() == "newer");
  CHECK(files.write_output(tree.at("/" + longest + "n"), "x").error().message.ends_with(": File name too long"));
  CHECK(files.list("/") == std::vector<std::string>{longest});
}

TEST_CASE("an output file that is a link, a directory, or in no directory is refused") {
  Tree tree;
  tree.file("/precious", "kept").link("/link", tree.at("/precious")).directory("/d");
  const auto platform = make_platform(HostChoice{});
  const auto message_of = [&](const std::string& path) {
    const auto before = check_output(tree.at(path));
    const auto done = (*platform)->files().write_output(tree.at(path), "new");
    CHECK(before.has_value() == done.has_value());
    if (!before && !done) CHECK(before.error() == done.error());
    return done ? "written" : done.error().message;
  };
  CHECK(message_of("/link") == "cannot write " + tree.at("/link") + ": is a symbolic link");
  const auto standard_output = (*platform)->files().write_output("/dev/stdout", "x");
  REQUIRE_FALSE(standard_output.has_value());
  CHECK(standard_output.error().hint == "`-o -` writes to standard output");
  CHECK(message_of("/d") == "cannot write " + tree.at("/d") + ": is a directory");
  CHECK(message_of("/none/x") == "cannot write " + tree.at("/none/x") + ": No such file or directory");
  CHECK(message_of("/precious") == "written");
}

TEST_CASE("whether an output file can be written is told without writing one") {
  Tree tree;
  tree.file("/there", "kept");
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = {}});
  HostFiles& files = (*platform)->files();
  CHECK(check_output(tree.at("/there")).has_value());
  CHECK(check_output(tree.at("/new")).has_value());
  CHECK(check_output("/dev/null").has_value());
  CHECK(files.read("/there", kLimit).value() == "kept");
  CHECK(files.list("/") == std::vector<std::string>{"there"});
}

TEST_CASE("an output device is written to and stays a device") {
  const auto platform = make_platform(HostChoice{});
  HostFiles& files = (*platform)->files();
  CHECK(files.write_output("/dev/null", "x").has_value());
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK(files.write_output("/dev/full", "x").error().message == "cannot write /dev/full: No space left on device");
}
