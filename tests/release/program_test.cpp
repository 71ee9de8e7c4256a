// build/release/twctl, the file that is given to others: it needs nothing but itself and a kernel.
#include "support/program.hpp"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "support/in_namespace.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;

namespace {

const std::string kReleased = TWCTL_SOURCE_DIR "/build/release/twctl";
const std::string kOther = std::filesystem::read_symlink("/proc/self/exe");  // these tests: an ordinary program

std::string readelf(const std::string& option, const std::string& program) {
  const ShellResult result = shell("LC_ALL=C readelf --wide " + option + " '" + program + "'");
  REQUIRE(result.code == 0);
  return result.output;
}

bool has_interpreter(const std::string& program) {
  return readelf("--program-headers", program).find(" INTERP ") != std::string::npos;
}

bool needs_libraries(const std::string& program) {
  return readelf("--dynamic", program).find("(NEEDED)") != std::string::npos;
}

bool has_symbols(const std::string& program) {
  const std::string sections = readelf("--sections", program);
  return sections.find(" .symtab ") != std::string::npos || sections.find(" .debug_info ") != std::string::npos;
}

// What the program says where the file system holds this one file and, where asked, /proc.
enum class Proc { mounted, absent };
std::string said_alone(const std::string& root, Proc proc, const std::vector<std::string>& args) {
  if (proc == Proc::mounted && mount("/proc", (root + "/proc").c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return "no mount";
  const Finished run = run_program({.args = args,
                                    .environment = {},
                                    .prepare =
                                        [&root] {
                                          if (chroot(root.c_str()) != 0 || chdir("/") != 0) _exit(126);
                                        },
                                    .path = "/twctl"});
  return std::to_string(run.code) + "\n" + run.out + "--\n" + run.err;
}

void place(const Tree& tree, const std::string& program) {
  std::filesystem::copy_file(program, tree.at("/twctl"));
  std::filesystem::create_directory(tree.at("/proc"));
  std::filesystem::create_directories(tree.at("/var/lib"));  // without it apply has no place for its journal
}

// The commands of README that stand in a block, each with what it does: "scripts/NAME ARGS      # what it does".
std::vector<std::string> commands_in_readme() {
  static const std::regex kCommand(R"(\n(scripts/[a-z]+(?: [a-z]+)*) +# )");
  const std::string readme = file_content(TWCTL_SOURCE_DIR "/README.md");
  std::vector<std::string> found;
  for (std::sregex_iterator it(readme.begin(), readme.end(), kCommand), end; it != end; ++it)
    found.push_back((*it)[1].str());
  return found;
}

}  // namespace

#define ALONE(name, program, ...)                                                              \
  Tree name##_tree;                                                                            \
  place(name##_tree, program);                                                                 \
  const auto name = in_namespace([&] { return said_alone(name##_tree.root(), __VA_ARGS__); }); \
  if (!name) SKIP_TEST("this system lets us make no namespaces")

TEST_CASE("the released program is linked statically and stripped") {
  CHECK_FALSE(has_interpreter(kReleased));
  CHECK_FALSE(needs_libraries(kReleased));
  CHECK_FALSE(has_symbols(kReleased));
}

TEST_CASE("an ordinary program is neither, and the checks see that") {
  CHECK(has_interpreter(kOther));
  CHECK(needs_libraries(kOther));
  CHECK(has_symbols(kOther));
}

TEST_CASE("the released program plans in a file system that holds nothing else") {
  ALONE(said, kReleased, Proc::mounted, {"plan", "-q", "--set", "net.ipv4.tcp_fin_timeout=30"});
  CHECK(*said == "2\n~ net.ipv4.tcp_fin_timeout  change  60 -> 30  60 -> 30  default\n--\n");
}

TEST_CASE("a program that needs libraries does not even start there") {
  ALONE(said, kOther, Proc::mounted, {"--version"});
  CHECK(*said == "127\n--\n");
}

TEST_CASE("the profiles of this tree are in the released program, which finds no file") {
  for (const auto& entry : std::filesystem::directory_iterator(TWCTL_SOURCE_DIR "/profiles")) {
    const std::vector<std::string> show = {"profile", "show", entry.path().stem().string()};
    ALONE(said, kReleased, Proc::absent, show);
    CHECK(*said == "0\n" + run_program({.args = show}).out + "--\n");
  }
}

TEST_CASE("the released program knows the version and the catalogue that the tested one has") {
  const Finished released = run_program({.args = {"--version"}, .path = kReleased});
  const std::string tested = run_program({.args = {"--version"}}).out;
  CHECK(released.out.find(tested.substr(0, tested.find("build "))) == 0);
  CHECK(released.code == 0);
}

TEST_CASE("scripts/twctl passes on what the released program says, and how it ends") {
  const std::string script = TWCTL_SOURCE_DIR "/scripts/twctl";
  const std::string command = " plan --set 'net.ipv4.tcp_fin timout=30' 2>&1";
  const ShellResult result = shell("'" + script + "'" + command);
  CHECK(result.code == 65);
  CHECK(result.output.find("twctl: --set: net.ipv4.tcp_fin timout: ") == 0);
  CHECK(result.output == shell("'" + kReleased + "'" + command).output);
}

TEST_CASE("README's two commands are there, and the first one plans for this machine") {
  CHECK(commands_in_readme() == std::vector<std::string>{"scripts/twctl plan", "scripts/test"});
  CHECK(access(TWCTL_SOURCE_DIR "/scripts/test", X_OK) == 0);
  const ShellResult result = shell("cd '" TWCTL_SOURCE_DIR "' && scripts/twctl plan 2>/dev/null");
  CHECK(result.output.starts_with("Plan for "));
  const std::array<int, 4> as_the_machine_is = {0, 2, 3, 77};
  CHECK(std::count(as_the_machine_is.begin(), as_the_machine_is.end(), result.code) == 1);
}
