#include "cli/man_pages.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "cli/command_table.hpp"
#include "cli/option_table.hpp"
#include "report/mdoc.hpp"
#include "support/shell.hpp"

using namespace twctl;

namespace {

const std::string kSource = TWCTL_SOURCE_DIR;

std::vector<ManPage> pages() {
  return man_pages({.contract = test::file_content(kSource + "/docs/contract.md"),
                    .journal = test::file_content(kSource + "/docs/journal-format.md"),
                    .changelog = test::file_content(kSource + "/CHANGELOG.md")});
}

std::string kept_page(const std::string& file) {
  for (const ManPage& one : pages()) {
    if (one.file == file) return one.text;
  }
  FAIL("there is no page " << file);
  return "";
}

}  // namespace

TEST_CASE("docs/man has what the tables and chapters say, and no other page (if it is stale: scripts/gen-docs)") {
  std::size_t files = 0;
  for (const ManPage& one : pages()) {
    CAPTURE(one.file);
    const bool up_to_date = test::file_content(kSource + "/docs/man/" + one.file) == one.text;
    CHECK_MESSAGE(up_to_date, one.file << " is stale: run scripts/gen-docs and commit what it writes");
  }
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(kSource + "/docs/man")) ++files;
  CHECK(files == pages().size());
}

TEST_CASE("every command has a manual page that names each option of its own, and twctl(8) names every command") {
  const std::string all = kept_page("twctl.8");
  for (const CommandRow& row : command_rows()) {
    const std::string name(row.name);
    CAPTURE(name);
    const std::string text = kept_page("twctl-" + name + ".8");
    CHECK(all.find(".It Cm " + name + "\n") != std::string::npos);
    CHECK(all.find(".Xr twctl-" + name + " 8") != std::string::npos);
    for (const OptionRow& option : option_rows()) {
      const bool own = option.commands != kEveryCommand && takes(row.command, option);
      if (own) CHECK(text.find(".It Fl " + mdoc_argument(option.name.substr(1))) != std::string::npos);
    }
  }
}

TEST_CASE("prose becomes a sentence a line, code keeps its hyphens, and a dot begins no command") {
  const std::string text =
      mdoc_prose("See `--set a=b`. A read-only key stays. Wants --yes. [Here](x.md#y) is **all**.");

  CHECK(text ==
        "See \\fB\\%\\-\\-set \\%a=b\\fR.\n"
        "A read-only key stays.\n"
        "Wants \\%\\-\\-yes.\n"
        "Here is \\fB\\%all\\fR.\n");
  CHECK(mdoc_prose(".Sh it's\\") == "\\&.Sh it's\\e\n");
  CHECK(mdoc_literal("it's\n") == ".Bd -literal -offset indent\nit\\(aqs\n.Ed\n");
}

TEST_CASE("headings, lists, tables and code of Markdown become those of mdoc") {
  const std::string text = mdoc_of_markdown(
      "## One thing\n\nFirst\nparagraph.\n\nSecond.\n\n- an\n  item\n- another\n\n| code | meaning |\n|---|---|\n| 0 | "
      "a \\| b |\n\n"
      "    as is\n\n| a | b | c |\n|---|---|---|\n| x | | 2 |\n| | 3 | 4 |\n");

  CHECK(text ==
        ".Sh ONE THING\nFirst paragraph.\n.Pp\nSecond.\n.Bl -bullet\n.It\nan item\n.It\nanother\n.El\n"
        ".Bl -tag -width Ds\n.It 0\na | b\n.El\n"
        ".Bd -literal -offset indent\nas is\n.Ed\n"
        ".Bl -tag -width Ds\n.It x\n\\fB\\%c\\fR: 2\n.It x\n\\fB\\%b\\fR: 3\n.Pp\n\\fB\\%c\\fR: 4\n.El\n");
}
