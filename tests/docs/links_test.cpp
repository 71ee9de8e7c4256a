// The documents: what they link to exists, files and headings.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "support/markdown.hpp"
#include "support/shell.hpp"

namespace {

namespace fs = std::filesystem;
using twctl::test::file_content;
using twctl::test::kTree;

std::vector<fs::path> documents() {
  std::vector<fs::path> found{kTree / "README.md", kTree / "CHANGELOG.md"};
  for (const auto& entry : fs::recursive_directory_iterator(kTree / "docs"))
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  return found;
}

// Targets of [text](target) that are files of this tree: neither an address nor a heading of the same page.
std::vector<std::string> links(const std::string& markdown) {
  static const std::regex kLink(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  std::vector<std::string> found;
  for (std::sregex_iterator it(markdown.begin(), markdown.end(), kLink), end; it != end; ++it)
    if ((*it)[1].str().find("://") == std::string::npos) found.push_back((*it)[1].str());
  return found;
}

// A heading as it is named in links: GitHub's way, for headings of ASCII.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ' || c == '-') anchor += '-';
    if (c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) anchor += c;
    if (c >= 'A' && c <= 'Z') anchor += static_cast<char>(c - 'A' + 'a');
  }
  return anchor;
}

struct HeadingLink {
  std::string file;  // "": the page itself
  std::string anchor;
};

std::vector<HeadingLink> heading_links(const std::string& markdown) {
  static const std::regex kLink(R"(\]\(([^)#\s:]*)#([^)\s]*)\))");
  std::vector<HeadingLink> found;
  for (std::sregex_iterator it(markdown.begin(), markdown.end(), kLink), end; it != end; ++it)
    found.push_back({(*it)[1].str(), (*it)[2].str()});
  return found;
}

}  // namespace

TEST_CASE("links finds those to files and leaves addresses alone") {
  const std::string text = "[a](docs/a.md) [b](https://example.org/x) [c](../c.md#part) [d](#here)";
  CHECK(links(text) == std::vector<std::string>{"docs/a.md", "../c.md"});
}

TEST_CASE("each link in a document leads to a file") {
  for (const fs::path& document : documents())
    for (const std::string& target : links(file_content(document.string())))
      CHECK_MESSAGE(fs::exists(document.parent_path() / target), document.string(), " links to ", target);
}

TEST_CASE("each link to a heading leads to one") {
  CHECK(anchor_of("Is tcp_tw_reuse = 1 safe?") == "is-tcp_tw_reuse--1-safe");
  for (const fs::path& document : documents())
    for (const HeadingLink& link : heading_links(file_content(document.string()))) {
      const fs::path page = link.file.empty() ? document : document.parent_path() / link.file;
      if (page.extension() != ".md") continue;
      const auto headings = twctl::test::headings(file_content(page.string()));
      const bool found = std::any_of(headings.begin(), headings.end(),
                                     [&](const std::string& heading) { return anchor_of(heading) == link.anchor; });
      CHECK_MESSAGE(found, document.string(), " links to ", link.file, "#", link.anchor);
    }
}

TEST_CASE("each decision is in the list of decisions") {
  const auto listed = links(file_content((kTree / "docs/decisions/README.md").string()));
  for (const auto& entry : fs::directory_iterator(kTree / "docs/decisions")) {
    const std::string name = entry.path().filename().string();
    const bool found = std::find(listed.begin(), listed.end(), name) != listed.end();
    CHECK_MESSAGE((found || name == "README.md"), name, " is not in docs/decisions/README.md");
  }
}
