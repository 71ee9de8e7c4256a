// scripts/twctl in a tree of its own, where apt, dpkg, sudo and cmake are stand-ins that write down what they are asked
// for: nothing is installed and nothing is built.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;

namespace {

namespace fs = std::filesystem;

constexpr const char* kAlmostAllPackages =
    "g++\ncmake\nninja-build\nnlohmann-json3-dev\nrapidjson-dev\nlibcli11-dev\nlibexpected-dev\n";  // not: inih, fmt

constexpr const char* kDpkgQuery = R"(#!/bin/sh
for package; do :; done
if grep -qx "$package" "$TREE/installed"; then printf installed; else exit 1; fi
)";

constexpr const char* kAptGet = R"(#!/bin/sh
echo "apt-get $*" >>"$TREE/asked"
case $1 in
  update) touch "$TREE/lists" ;;
  *) test -e "$TREE/lists" || exit 1 ;;
esac
case " $* " in
  *" -s "*) printf '%s\n' 'Inst libinih-dev' 'Inst libfmt-dev' 'Conf libfmt-dev' ;;
esac
)";

constexpr const char* kAptCache = R"(#!/bin/sh
test "$*" = "show --no-all-versions libinih-dev libfmt-dev" && printf 'Installed-Size: 1000\nInstalled-Size: 3200\n'
)";

constexpr const char* kCmake = R"(#!/bin/sh
echo "cmake $*" >>"$TREE/asked"
if [ "$1" = --build ]; then
  mkdir -p build/release
  { echo '#!/bin/sh'; echo 'printf "<%s>" "$@"; exit 5'; } >build/release/twctl
  chmod +x build/release/twctl
fi
)";

class StandIns {
 public:
  StandIns() {
    for (const char* folder : {"/src", "/platform", "/profiles", "/scripts/cmake"}) tree_.directory(folder);
    for (const char* name : {"/CMakeLists.txt", "/CMakePresets.json", "/src/main.cpp", "/installed"})
      tree_.file(name, "");
    for (const char* script : {"/scripts/twctl", "/scripts/lib.sh"})
      fs::copy_file(TWCTL_SOURCE_DIR + std::string(script), tree_.at(script));
    program("dpkg-query", kDpkgQuery)
        .program("apt-get", kAptGet)
        .program("apt-cache", kAptCache)
        .program("cmake", kCmake);
    sudo("exit 1");  // there is one, but not for this user
  }

  StandIns& installed(const std::string& packages) {
    tree_.file("/installed", packages);
    return *this;
  }
  StandIns& package_lists() {
    tree_.file("/lists", "");
    return *this;
  }
  StandIns& sudo(const std::string& does) { return program("sudo", "#!/bin/sh\n" + does + "\n"); }

  ShellResult run(const std::string& arguments = "", const std::string& as = "") {
    return shell("cd / && " + as + " env -i TREE='" + root() + "' PATH='" + root() + "/bin:/usr/bin:/bin' '" + root() +
                 "/scripts/twctl' " + arguments + " 2>&1 </dev/null");
  }

  // What the stand-ins were asked for since the last time.
  std::string asked() {
    std::string said = fs::exists(tree_.at("/asked")) ? file_content(tree_.at("/asked")) : "";
    fs::remove(tree_.at("/asked"));
    return said;
  }

  [[nodiscard]] const std::string& root() const { return tree_.root(); }
  [[nodiscard]] std::string at(const std::string& path) const { return tree_.at(path); }

 private:
  StandIns& program(const std::string& name, const std::string& text) {
    tree_.file("/bin/" + name, text);
    fs::permissions(tree_.at("/bin/" + name), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec |
                                                  fs::perms::group_read | fs::perms::others_read);
    return *this;
  }
  Tree tree_;
};

constexpr const char* kBuilds = "cmake --preset release\ncmake --build --preset release\n";
constexpr const char* kAllPackages =
    "g++\ncmake\nninja-build\nnlohmann-json3-dev\nrapidjson-dev\nlibcli11-dev\nlibinih-dev\nlibexpected-dev\nlibfmt-"
    "dev\n";

}  // namespace

TEST_CASE("scripts/twctl hands its arguments over one by one, and the exit code back") {
  StandIns stand_ins;
  const ShellResult result = stand_ins.installed(kAllPackages).run("plan 'two words' '' '*'");
  CHECK(result.output == "scripts/twctl: building (preset release)\n<plan><two words><><*>");
  CHECK(result.code == 5);
  CHECK(stand_ins.asked() == kBuilds);
}

TEST_CASE("scripts/twctl builds once, and again only where a source is newer or the tree is a copy") {
  StandIns stand_ins;
  (void)stand_ins.installed(kAllPackages).run();
  CHECK(stand_ins.asked() == kBuilds);
  CHECK(stand_ins.run("plan").output == "<plan>");
  CHECK(stand_ins.asked() == "");

  const auto later = fs::file_time_type::clock::now() + std::chrono::hours(1);
  fs::last_write_time(stand_ins.at("/src/main.cpp"), later);
  (void)stand_ins.run();
  CHECK(stand_ins.asked() == kBuilds);
  fs::last_write_time(stand_ins.at("/src/main.cpp"), fs::file_time_type::clock::now() - std::chrono::hours(1));
  (void)stand_ins.run();
  CHECK(stand_ins.asked() == "");

  const Tree other;
  fs::copy(stand_ins.root(), other.at("/copy"), fs::copy_options::recursive);
  CHECK(shell("TREE='" + stand_ins.root() + "' PATH='" + stand_ins.root() + "/bin:/usr/bin:/bin' '" +
              other.at("/copy") + "/scripts/twctl' plan 2>/dev/null")
            .output == "<plan>");
  CHECK(stand_ins.asked() == kBuilds);
}

TEST_CASE(
    "scripts/twctl says what it installs and how much that is, and fetches the package lists only where it must") {
  const std::string missing = "libinih-dev libfmt-dev";
  const std::string install = "apt-get install -y -q --no-install-recommends ";
  const std::string tries = install + "-s " + missing + "\n";
  for (const bool known : {true, false}) {
    StandIns stand_ins;
    stand_ins.installed(kAlmostAllPackages).sudo("while [ \"${1#-}\" != \"$1\" ]; do shift; done; exec \"$@\"");
    if (known) stand_ins.package_lists();
    const ShellResult result = stand_ins.run("plan");
    CHECK(result.output == "scripts/twctl: installing " + missing +
                               " (2 packages, 5 MB, about 1 min)\nscripts/twctl: building (preset release)\n<plan>");
    CHECK(stand_ins.asked() ==
          tries + (known ? "" : "apt-get update -q\n" + tries) + install + missing + "\n" + kBuilds);
  }
}

TEST_CASE("without root and without sudo, scripts/twctl names the packages and touches nothing") {
  StandIns stand_ins;
  std::string as;
  if (geteuid() == 0) {
    as = "setpriv --reuid 65534 --regid 65534 --clear-groups";
    REQUIRE(shell("chmod -R a+rX '" + stand_ins.root() + "'").code == 0);
  }
  const ShellResult result = stand_ins.installed(kAlmostAllPackages).run("plan", as);
  CHECK(result.output ==
        "scripts/twctl: these packages are missing; as root: apt-get install libinih-dev libfmt-dev\n");
  CHECK(result.code == 69);
  CHECK(stand_ins.asked() == "");
  CHECK_FALSE(fs::exists(stand_ins.at("/build")));
}
