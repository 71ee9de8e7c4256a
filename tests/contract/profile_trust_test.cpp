// Who could have changed a profile: owners and modes of the file, of each directory above it, and of each link.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl;
using twctl::test::in_child;
using twctl::test::Tree;

namespace {

constexpr std::size_t kLimitOfProfiles = 256 * 1024;

std::string distrust_of_profile(const std::string& path, const std::string& root = "/") {
  const auto platform = make_platform(HostChoice{.root = root, .netns = {}});
  const auto profile = (*platform)->files().read_profile(path, kLimitOfProfiles);
  return profile ? profile->distrust : "error: " + profile.error().message;
}

void set_mode(const std::string& path, mode_t mode) { REQUIRE(::chmod(path.c_str(), mode) == 0); }
void give(const std::string& path, uid_t user, gid_t group) { REQUIRE(::lchown(path.c_str(), user, group) == 0); }
bool is_root() { return ::geteuid() == 0; }

}  // namespace

TEST_CASE("a profile of one's own in a sticky /tmp is trusted") {
  Tree tree;
  tree.file("/p.ini", "x");
  set_mode(tree.at("/p.ini"), 0644);
  CHECK(distrust_of_profile(tree.at("/p.ini")).empty());
}

TEST_CASE("P31: a profile that others may write is not trusted, and a line says how to mend it") {
  Tree tree;
  tree.file("/p.ini", "x");
  set_mode(tree.at("/p.ini"), 0666);
  const auto platform = make_platform(HostChoice{});
  const auto profile = (*platform)->files().read_profile(tree.at("/p.ini"), kLimitOfProfiles);
  REQUIRE(profile.has_value());
  CHECK(profile->distrust == tree.at("/p.ini") + " is writable by others");
  CHECK(profile->mend == "install -D -m 0644 -o root -g root " + tree.at("/p.ini") + " /etc/twctl/profiles/p.ini");
}

TEST_CASE("H20: a profile that is in its place already is mended there, and so is the folder, a copy could not help") {
  Tree tree;
  const std::string folder = "/etc/twctl/profiles";
  tree.file(folder + "/p.ini", "x").file("/srv/p.ini", "x").file("/srv/q.ini", "x");
  set_mode(tree.at(folder + "/p.ini"), 0666);
  for (const std::string path : {"/srv/p.ini", "/srv/q.ini"}) set_mode(tree.at(path), 0666);
  const auto platform = make_platform(HostChoice{.root = tree.root(), .netns = ""});
  const auto mend = [&](const std::string& path) {
    const auto profile = (*platform)->files().read_profile(path, kLimitOfProfiles);
    return profile ? profile->mend : profile.error().message;
  };
  CHECK(mend(folder + "/p.ini") == "chmod go-w " + tree.at(folder + "/p.ini"));
  CHECK(mend("/srv/p.ini") == "chmod go-w " + tree.at("/srv/p.ini"));  // N67: a copy would take another one's place
  CHECK(mend("/srv/q.ini") ==
        "install -D -m 0644 -o root -g root " + tree.at("/srv/q.ini") + " " + tree.at(folder + "/q.ini"));
  set_mode(tree.at(folder), 0777);
  CHECK(mend("/srv/q.ini") == "chmod go-w " + tree.at(folder));
  CHECK(mend(folder + "/p.ini") == "chmod go-w " + tree.at(folder) + " && chmod go-w " + tree.at(folder + "/p.ini"));
  if (!is_root()) return;
  give(tree.at(folder), 1000, 1000);
  CHECK(mend("/srv/q.ini") == "chown root:root " + tree.at(folder) + " && chmod go-w " + tree.at(folder));
}

TEST_CASE("P32: a profile that a group may write is not trusted unless the group is root's") {
  if (!is_root()) SKIP_TEST("needs root to give files away");
  Tree tree;
  tree.file("/p.ini", "x");
  set_mode(tree.at("/p.ini"), 0664);
  CHECK(distrust_of_profile(tree.at("/p.ini")).empty());
  give(tree.at("/p.ini"), 0, 1000);
  CHECK(distrust_of_profile(tree.at("/p.ini")) == tree.at("/p.ini") + " is writable by group 1000");
}

TEST_CASE("P34: a profile below a directory that others may write is not trusted") {
  Tree tree;
  tree.file("/open/deep/p.ini", "x");
  set_mode(tree.at("/open/deep/p.ini"), 0644);
  set_mode(tree.at("/open"), 0777);
  CHECK(distrust_of_profile(tree.at("/open/deep/p.ini")) == tree.at("/open") + " is writable by others");
  set_mode(tree.at("/open"), 01777);
  CHECK(distrust_of_profile(tree.at("/open/deep/p.ini")).empty());
}

TEST_CASE("P35: a link through safe directories to a safe file is trusted, somebody else's link is not") {
  if (!is_root()) SKIP_TEST("needs root to give files away");
  Tree tree;
  tree.file("/safe/p.ini", "x").link("/p.ini", "safe/p.ini");
  set_mode(tree.at("/safe/p.ini"), 0644);
  CHECK(distrust_of_profile(tree.at("/p.ini")).empty());
  give(tree.at("/p.ini"), 1000, 1000);
  CHECK(distrust_of_profile(tree.at("/p.ini")) ==
        "error: not read: the link " + tree.at("/p.ini") + " is owned by uid 1000, who decides where it leads");
}

TEST_CASE("a file or a directory above it that somebody else owns is not trusted") {
  if (!is_root()) SKIP_TEST("needs root to give files away");
  Tree tree;
  tree.file("/d/p.ini", "x");
  set_mode(tree.at("/d/p.ini"), 0644);
  give(tree.at("/d"), 1000, 0);
  CHECK(distrust_of_profile(tree.at("/d/p.ini")) == tree.at("/d") + " is owned by uid 1000");
  CHECK(distrust_of_profile("/d/p.ini", tree.root()) == tree.at("/d") + " is owned by uid 1000");
}

TEST_CASE("a relative profile is the caller's own, and the directories above it count") {
  Tree tree;
  tree.file("/open/p.ini", "x");
  set_mode(tree.at("/open/p.ini"), 0644);
  set_mode(tree.at("/open"), 0777);
  const Tree elsewhere;
  const std::string answer = in_child([&] {
    std::filesystem::current_path(tree.at("/open"));
    return distrust_of_profile("p.ini", elsewhere.root()) + ", " + distrust_of_profile("../open/./p.ini");
  });
  CHECK(answer == tree.at("/open") + " is writable by others, " + tree.at("/open") + " is writable by others");
}

TEST_CASE("P04, P05: a directory, a FIFO and a missing profile are no input") {
  Tree tree;
  tree.directory("/d.ini");
  REQUIRE(::mkfifo(tree.at("/fifo.ini").c_str(), 0600) == 0);
  CHECK(distrust_of_profile(tree.at("/d.ini")) == "error: cannot read " + tree.at("/d.ini") + ": is a directory");
  CHECK(distrust_of_profile(tree.at("/fifo.ini")) ==
        "error: cannot read " + tree.at("/fifo.ini") + ": is not a regular file");
  CHECK(distrust_of_profile(tree.at("/none.ini")) ==
        "error: cannot read " + tree.at("/none.ini") + ": No such file or directory");
}

TEST_CASE("P38: standard input is a profile too, and closed or empty it is invalid") {
  const auto read_input = [](int input) {
    return in_child([input]() -> std::string {
      ::close(STDIN_FILENO);
      if (input >= 0) ::dup2(input, STDIN_FILENO);
      prepare_process();
      const auto platform = make_platform(HostChoice{});
      const auto profile = (*platform)->files().read_profile("-", kLimitOfProfiles);
      return profile ? profile->bytes : profile.error().message;
    });
  };
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "a = 1\n", 6) == 6);
  ::close(ends[1]);
  CHECK(read_input(ends[0]) == "a = 1\n");
  CHECK(read_input(ends[0]) == "standard input is empty");
  CHECK(read_input(-1) == "standard input is closed");
  ::close(ends[0]);
}

TEST_CASE("at start closed descriptors are taken, so that no file becomes standard output by chance") {
  const std::string answer = in_child([]() -> std::string {
    const int keep = ::dup(STDOUT_FILENO);
    for (int descriptor = 0; descriptor <= 2; ++descriptor) ::close(descriptor);
    prepare_process();
    const int next = ::dup(keep);
    const bool write_fails = ::write(STDOUT_FILENO, "x", 1) < 0;
    return std::to_string(next > STDERR_FILENO) + std::to_string(write_fails) + std::to_string(::umask(0) == 0077);
  });
  CHECK(answer == "111");
}

TEST_CASE("N93: a profile behind a link that goes up again and again in a deep folder is refused in time") {
  Tree tree;
  std::string deep;
  for (int i = 0; i < 400; ++i) deep += "/d";
  tree.file(deep + "/p.conf", "x").directory(deep + "/x");
  std::string text;
  for (int i = 0; i < 800; ++i) text += "x/../";
  std::filesystem::create_symlink(text + "p.conf", tree.at(deep + "/link"));
  std::filesystem::create_symlink("x/../x/../p.conf", tree.at(deep + "/short"));
  CHECK(distrust_of_profile(deep + "/short", tree.root()).find("error") == std::string::npos);
  const std::string said = distrust_of_profile(deep + "/link", tree.root());
  CHECK(said.find("Too many levels of symbolic links") != std::string::npos);
}
