// scripts/check-layering: passes the tree as it is, and catches each kind of violation (its negative control).
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "support/shell.hpp"

namespace {

using twctl::test::shell;

const std::string kCheck = TWCTL_SOURCE_DIR "/scripts/check-layering";

// A tree of a few files that the check is held to; gone at the end of the test.
class SmallTree {
 public:
  explicit SmallTree(const std::map<std::string, std::string>& files) : root_(shell("mktemp -d").output) {
    root_.pop_back();
    for (const char* folder : {"/src", "/platform"}) std::filesystem::create_directories(root_ + folder);
    for (const auto& [path, text] : files) {
      std::filesystem::create_directories(root_ + "/" + path.substr(0, path.rfind('/')));
      std::ofstream(root_ + "/" + path) << text;
    }
  }
  SmallTree(const SmallTree&) = delete;
  SmallTree& operator=(const SmallTree&) = delete;
  ~SmallTree() { std::filesystem::remove_all(root_); }
  [[nodiscard]] std::string root() const { return root_; }

 private:
  std::string root_;
};

// What the check says of a tree with just these files; "" if it passes.
std::string complaints(const std::map<std::string, std::string>& files) {
  const SmallTree tree(files);
  const auto result = shell(kCheck + " " + tree.root());
  CHECK(result.code == (result.output.empty() ? 0 : 1));
  return result.output;
}

std::string complaint(const std::string& path, const std::string& text) { return complaints({{path, text}}); }

}  // namespace

TEST_CASE("this tree keeps the include rule") {
  const auto result = shell(kCheck + " 2>&1");
  CHECK(result.output == "");
  CHECK(result.code == 0);
}

TEST_CASE("an include of a higher stage is caught") {
  CHECK(complaint("src/plan/plan.cpp", "#include \"base/text.hpp\"\n#include \"report/text.hpp\"\n") ==
        "src/plan/plan.cpp:2: plan may not include report (report/text.hpp)\n");
}

TEST_CASE("of the neighbouring profile stage, plan sees only the desired values") {
  CHECK(complaint("src/plan/plan.hpp", "#include \"profile/desired.hpp\"\n") == "");
  CHECK(complaint("src/plan/plan.hpp", "#include \"profile/profile.hpp\"\n") ==
        "src/plan/plan.hpp:1: plan may not include profile (profile/profile.hpp)\n");
}

TEST_CASE("an include from behind the platform seam is caught, in both directions") {
  CHECK(complaint("src/cli/run.cpp", "#include \"platform/linux/procfs.hpp\"\n") ==
        "src/cli/run.cpp:1: platform/linux is behind the seam: include platform/*.hpp (platform/linux/procfs.hpp)\n");
  CHECK(complaint("platform/linux/procfs.cpp", "#include \"sysctl/boot.hpp\"\n") ==
        "platform/linux/procfs.cpp:1: linux may not include sysctl (sysctl/boot.hpp)\n");
}

TEST_CASE("an operating system header outside the platform is caught") {
  const std::string text = "#include <unistd.h>\n#include <sys/stat.h>\n";
  CHECK(complaint("platform/posix/file.cpp", text) == "");
  CHECK(complaint("src/observe/observe.cpp", text) ==
        "src/observe/observe.cpp:1: operating system headers only below platform/{posix,linux,windows} (unistd.h)\n"
        "src/observe/observe.cpp:2: operating system headers only below platform/{posix,linux,windows} (sys/stat.h)\n");
}

TEST_CASE("a third-party header in a header is caught") {
  CHECK(complaint("src/cli/options.cpp", "#include <CLI/CLI.hpp>\n") == "");
  CHECK(complaint("src/cli/options.hpp", "#include <CLI/CLI.hpp>\n") ==
        "src/cli/options.hpp:1: no third-party header in a header (CLI/CLI.hpp)\n");
}

TEST_CASE("a JSON library is included in one room only, which may do so in a header") {
  CHECK(complaint("src/json/json.hpp", "#include <nlohmann/json.hpp>\n") == "");
  for (const std::string file : {"src/report/audit_json.cpp", "src/report/audit_json.hpp"}) {
    CHECK(complaint(file, "#include <nlohmann/json.hpp>\n") ==
          file + ":1: only src/json includes a JSON library: include \"json/json.hpp\" (nlohmann/json.hpp)\n");
    CHECK(complaint(file, "#include <rapidjson/reader.h>\n") ==
          file + ":1: only src/json includes a JSON library: include \"json/json.hpp\" (rapidjson/reader.h)\n");
  }
}

TEST_CASE("a question about the operating system, and a path of one, are caught outside the platform") {
  CHECK(complaint("src/base/text.cpp", "#ifdef _WIN32\n") ==
        "src/base/text.cpp:1: no question about the operating system outside platform/{posix,linux,windows}\n");
  CHECK(complaint("src/base/text.cpp", "// as /proc/net/tcp has it\nauto path = \"/proc/sys\";\n") ==
        "src/base/text.cpp:2: /proc and HKEY are named only below platform/{posix,linux,windows}\n");
}

TEST_CASE("a new area has to be given its rank") {
  CHECK(complaint("src/misc/junk.cpp", "int x;\n") ==
        "src/misc/junk.cpp:1: \"misc\" is no known area; name its rank in scripts/check-layering\n");
}

TEST_CASE("two modules that include each other are caught, whichever file of them does it") {
  CHECK(complaints({{"src/plan/order.hpp", ""},
                    {"src/plan/order.cpp", "#include \"plan/order.hpp\"\n#include \"plan/plan.hpp\"\n"},
                    {"src/plan/plan.hpp", "struct Plan;\n#include \"plan/order.hpp\"\n"}}) ==
        "src/plan/plan.hpp:2: this include closes a cycle: src/plan/order -> src/plan/plan -> src/plan/order\n");
}

TEST_CASE("a cycle over a third module is caught once, and what only leads to it is not named") {
  CHECK(complaints({{"src/plan/a.cpp", "#include \"plan/b.hpp\"\n"},
                    {"src/plan/b.cpp", "#include \"plan/c.hpp\"\n"},
                    {"src/plan/b.hpp", ""},
                    {"src/plan/c.hpp", "#include \"plan/d.hpp\"\n"},
                    {"src/plan/d.hpp", "#include \"plan/b.hpp\"\n"}}) ==
        "src/plan/d.hpp:1: this include closes a cycle: src/plan/b -> src/plan/c -> src/plan/d -> src/plan/b\n");
}

TEST_CASE("a module may include its own header, and two modules a third one") {
  CHECK(complaints({{"src/plan/a.cpp", "#include \"plan/a.hpp\"\n#include \"plan/c.hpp\"\n"},
                    {"src/plan/a.hpp", "#include \"plan/b.hpp\"\n"},
                    {"src/plan/b.cpp", "#include \"plan/b.hpp\"\n#include \"plan/c.hpp\"\n"},
                    {"src/plan/b.hpp", ""},
                    {"src/plan/c.hpp", ""}}) == "");
}
