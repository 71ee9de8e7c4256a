// tests/golden/NAME/{args,stdout,stderr,code}: a command line, one argument a line, and everything it must say.
// It runs beside copies of what it reads of tests, with --root on a host: whoever owns the checkout, they are the
// caller's own, and who owns a profile's file is something that a plan speaks of. A file that is not there means
// nothing said, or code 0. What made a report, and when, stands there as VERSION and TIME. TWCTL_UPDATE_GOLDEN=1
// writes what was said instead; read the difference before you commit it.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/shell.hpp"
#include "support/tree.hpp"

namespace {

namespace fs = std::filesystem;
using namespace twctl::test;

const fs::path kTree = TWCTL_SOURCE_DIR;

std::vector<std::string> lines_of(const fs::path& path) {
  std::istringstream text(file_content(path.string()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string expected(const fs::path& path) { return fs::exists(path) ? file_content(path.string()) : ""; }

void update(const fs::path& path, const std::string& text) {
  if (text.empty()) {
    fs::remove(path);
  } else {
    std::ofstream(path, std::ios::binary) << text;
  }
}

// "twctl 0.1.0, catalogue 0.1.0+5fa3c2d1, 2026-11-26T13:52:15Z"
std::string without_stamp(const std::string& text) {
  const std::regex stamp("twctl [0-9.]+, catalogue [0-9.]+[+][0-9a-f]{8}, [-0-9]{10}T[:0-9]{8}Z");
  return std::regex_replace(text, stamp, "twctl VERSION, catalogue VERSION, TIME");
}

std::set<fs::path> golden_folders() {
  std::set<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kTree / "tests/golden")) {
    if (entry.is_directory()) folders.insert(entry.path());
  }
  return folders;
}

Finished run_in(const Tree& tree, const std::vector<std::string>& args) {
  return run_program({.args = args, .prepare = [&] {
                        if (chdir(tree.root().c_str()) != 0) _exit(126);
                      }});
}

}  // namespace

TEST_CASE("each golden command line says what it said") {
  const bool updating = std::getenv("TWCTL_UPDATE_GOLDEN") != nullptr;
  REQUIRE_MESSAGE((!updating || std::getenv("CI") == nullptr), "golden files are not written in CI");
  REQUIRE(golden_folders().size() > 5);
  Tree tree;
  tree.directory("/tests");
  for (const char* folder : {"tests/hosts", "tests/files", "tests/fleet"}) {
    fs::copy(kTree / folder, fs::path(tree.root()) / folder,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
  for (const fs::path& folder : golden_folders()) {
    CAPTURE(folder.filename().string());
    Finished run = run_in(tree, lines_of(folder / "args"));
    run.out = without_stamp(run.out);
    const std::string code = run.code == 0 ? "" : std::to_string(run.code) + "\n";
    if (updating) {
      update(folder / "stdout", run.out);
      update(folder / "stderr", run.err);
      update(folder / "code", code);
    }
    CHECK(run.out == expected(folder / "stdout"));
    CHECK(run.err == expected(folder / "stderr"));
    CHECK(code == expected(folder / "code"));
  }
}
