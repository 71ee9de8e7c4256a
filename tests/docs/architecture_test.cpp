// docs/architecture.md and docs/recipes.md: each folder of the code has its line, and each file and function that they
// name is there.
#include <doctest/doctest.h>

#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "support/markdown.hpp"
#include "support/shell.hpp"

namespace {

namespace fs = std::filesystem;
using twctl::test::file_content;
using twctl::test::in_backquotes;
using twctl::test::kTree;

std::string page(const std::string& name) { return file_content((kTree / "docs" / name).string()); }

// The folders that hold files of code.
std::set<std::string> folders_of_code() {
  std::set<std::string> folders;
  for (const char* top : {"src", "platform"})
    for (const auto& entry : fs::recursive_directory_iterator(kTree / top))
      if (entry.path().extension() == ".hpp") folders.insert(fs::relative(entry.path().parent_path(), kTree).string());
  return folders;
}

std::string whole_code() {
  std::string code;
  for (const char* top : {"src", "platform"})
    for (const auto& entry : fs::recursive_directory_iterator(kTree / top))
      if (entry.is_regular_file()) code += file_content(entry.path().string());
  return code;
}

bool is_path(const std::string& text) {
  static const std::regex kPath(R"((src|platform|tests|scripts|docs|profiles)/[\w./-]*)");
  return std::regex_match(text, kPath);
}

bool is_function(const std::string& text) { return std::regex_match(text, std::regex(R"(\w+\(\))")); }

// "apply_profile()" -> whether "apply_profile(" stands there as a word.
bool has_function(const std::string& code, const std::string& function) {
  const std::string call = function.substr(0, function.size() - 1);
  for (std::size_t at = code.find(call); at != std::string::npos; at = code.find(call, at + 1)) {
    const char before = at == 0 ? ' ' : code[at - 1];
    if (before != '_' && std::isalnum(static_cast<unsigned char>(before)) == 0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the map has a line for each folder of the code, and for no other") {
  std::set<std::string> found;
  for (const auto& row : twctl::test::table(page("architecture.md"), "folder"))
    found.insert(in_backquotes(row[0]).at(0));
  CHECK(found == folders_of_code());
}

TEST_CASE("the way of a value names functions that are in the files it names") {
  for (const auto& row : twctl::test::table(page("architecture.md"), "step")) {
    const std::string function = in_backquotes(row[1]).at(0);
    const std::string file = in_backquotes(row[2]).at(0);
    CAPTURE(file);
    CHECK_MESSAGE(has_function(file_content((kTree / file).string()), function), "it has no ", function);
  }
}

TEST_CASE("the glossary has 25 words at most") {
  CHECK(twctl::test::table(page("architecture.md"), "word").size() <= 25);
}

TEST_CASE("each file, folder and function that the map and the recipes name is there") {
  const std::string code = whole_code();
  for (const std::string name : {"architecture.md", "recipes.md", "contributing.md"}) {
    CAPTURE(name);
    for (const std::string& text : in_backquotes(page(name))) {
      const bool there = is_path(text) ? fs::exists(kTree / text) : !is_function(text) || has_function(code, text);
      CHECK_MESSAGE(there, text, " is not there");
    }
  }
}
