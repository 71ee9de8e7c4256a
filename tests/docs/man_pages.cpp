// man_pages SOURCE FOLDER: writes the manual pages into that folder, from what the tree SOURCE says; for
// scripts/gen-docs.
#include "cli/man_pages.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  file.exceptions(std::ios::failbit);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const std::string source = argv[1];
  for (const twctl::ManPage& page : twctl::man_pages({.contract = content(source + "/docs/contract.md"),
                                    .journal = content(source + "/docs/journal-format.md"),
                                    .changelog = content(source + "/CHANGELOG.md")})) {
    std::ofstream file(argv[2] + ("/" + page.file), std::ios::binary);
    if (!(file << page.text).flush()) return 74;
  }
}
