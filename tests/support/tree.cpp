#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace twctl::test {
namespace {

void make_parent(const std::string& path) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
}

// What is mounted below `root`, the last first.
std::vector<std::string> mounts_below(const std::string& root) {
  std::vector<std::string> mounts;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string place;
    for (int field = 0; field < 5; ++field) fields >> place;
    if (place == root || place.starts_with(root + "/")) mounts.insert(mounts.begin(), place);
  }
  return mounts;
}

}  // namespace

Tree::Tree() : root_((std::filesystem::temp_directory_path() / "twctl-test-XXXXXX").string()) {
  REQUIRE(::mkdtemp(root_.data()) != nullptr);
}

// A test that ends early leaves mounted what it has mounted: were that taken away as well, it would be the host's own
// /etc.
Tree::~Tree() {
  for (const std::string& place : mounts_below(root_)) ::umount2(place.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  if (!mounts_below(root_).empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

Tree& Tree::file(std::string_view path, std::string_view bytes) {
  make_parent(at(path));
  std::ofstream(at(path), std::ios::binary) << bytes;
  return *this;
}

Tree& Tree::link(std::string_view path, const std::string& target) {
  make_parent(at(path));
  std::filesystem::create_symlink(target, at(path));
  return *this;
}

Tree& Tree::directory(std::string_view path) {
  std::filesystem::create_directories(at(path));
  return *this;
}

}  // namespace twctl::test
