#include "support/tree.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace twctl::test {
namespace {

void make_parent(const std::string& path) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
}

}  // namespace

Tree::Tree() : root_((std::filesystem::temp_directory_path() / "twctl-test-XXXXXX").string()) {
  REQUIRE(::mkdtemp(root_.data()) != nullptr);
}

Tree::~Tree() {
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
