// What the code says of documents: each one that is cited is there, with the section that is named, and the ids of
// hostile cases are those of docs/hostile-input.md.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "support/markdown.hpp"
#include "support/shell.hpp"

namespace {

namespace fs = std::filesystem;
using twctl::trim;
using twctl::test::file_content;
using twctl::test::kTree;

bool is_cpp(const fs::path& path) { return path.extension() == ".cpp" || path.extension() == ".hpp"; }

// The files of these folders that people write comments into.
std::vector<fs::path> sources(std::initializer_list<const char*> folders) {
  std::vector<fs::path> found;
  for (const char* folder : folders)
    for (const auto& entry : fs::recursive_directory_iterator(kTree / folder))
      if (is_cpp(entry.path()) || entry.path().extension() == ".py") found.push_back(entry.path());
  return found;
}

// Where the comment of a line of C++ begins; npos: it has none. "//" within a string begins none.
std::size_t comment_in(const std::string& line) {
  for (std::size_t at = line.find("//"); at != std::string::npos; at = line.find("//", at + 1))
    if (std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), '"') % 2 == 0) return at;
  return std::string::npos;
}

// The comments of C++, one that goes over several lines on one line; of another language the whole text.
std::string comments_of(const std::string& text, bool cpp) {
  if (!cpp) return text;
  std::istringstream stream(text);
  std::string comments;
  for (std::string line; std::getline(stream, line);) {
    const std::size_t at = comment_in(line);
    const bool goes_on = at != std::string::npos && line.find_first_not_of(" \t") == at;
    if (!goes_on) comments += '\n';
    if (at != std::string::npos) comments += std::string(trim(line.substr(at + 2))) + " ";
  }
  return comments;
}

struct Citation {
  std::string document;
  std::string section;  // "" for the whole document
};

std::vector<Citation> citations(const std::string& comments) {
  static const std::regex kCited(R"re(([\w./-]*[\w-]\.md)\b(?:,\s+"([^"]+)")?)re");
  std::vector<Citation> found;
  for (std::sregex_iterator it(comments.begin(), comments.end(), kCited), end; it != end; ++it)
    found.push_back({(*it)[1].str(), (*it)[2].str()});
  return found;
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it) found.insert(it->str());
  return found;
}

// The ids of hostile cases that a file of tests names. In the suites that run the real program P10 to P13 are promises;
// in tests/unit F10 and the like are cases that users met in files.
std::set<std::string> cases_named_in(const fs::path& path) {
  const std::string folder = path.parent_path().filename().string();
  std::set<std::string> ids = matches(file_content(path.string()), R"(\b[PKVSEFCNO]\d\d\b)");
  if (folder == "crash" || folder == "guest")
    std::erase_if(ids, [](const std::string& id) { return id >= "P10" && id <= "P13"; });
  if (folder == "unit") std::erase_if(ids, [](const std::string& id) { return id.starts_with('F'); });
  return ids;
}

}  // namespace

TEST_CASE("citations are found in comments, over the end of a line too") {
  const std::string text = R"(int x;  // docs/contract.md, "JSON"
// see docs/contract.md,
// "Exit codes": so
"docs/none.md")";
  const std::vector<Citation> found = citations(comments_of(text, true));
  REQUIRE(found.size() == 2);
  CHECK(found[0].document + found[0].section == "docs/contract.mdJSON");
  CHECK(found[1].document + found[1].section == "docs/contract.mdExit codes");
}

TEST_CASE("each document that a comment cites is there, and has the section that is named") {
  for (const fs::path& path : sources({"src", "platform", "tests"})) {
    CAPTURE(path.string());
    for (const Citation& cited : citations(comments_of(file_content(path.string()), is_cpp(path)))) {
      CAPTURE(cited.document);
      const fs::path document =
          fs::exists(kTree / cited.document) ? kTree / cited.document : path.parent_path() / cited.document;
      CHECK(fs::exists(document));
      if (cited.section.empty() || !fs::exists(document)) continue;
      const auto headings = twctl::test::headings(file_content(document.string()));
      CHECK_MESSAGE(std::find(headings.begin(), headings.end(), cited.section) != headings.end(), "no section \"",
                    cited.section, "\"");
    }
  }
}

TEST_CASE("hostile-input.md has each hostile case that a test names, and no other") {
  std::set<std::string> named;
  for (const fs::path& path : sources({"tests"})) named.merge(cases_named_in(path));
  const std::string page = file_content((kTree / "docs/hostile-input.md").string());
  std::set<std::string> listed;
  for (const std::string& heading : twctl::test::headings(page)) {
    if (heading.find(": ") != 1) continue;  // "K: keys, and what /proc looks like"
    for (const auto& row : twctl::test::table(twctl::test::section(page, heading), "id"))
      listed.merge(matches(row[0], R"([A-Z]\d\d)"));
  }
  CHECK(named == listed);
}
