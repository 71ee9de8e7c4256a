// docs/contract.md: its tables say what the program has, and nothing else.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/exit_status.hpp"
#include "base/text.hpp"
#include "catalog/finding.hpp"
#include "cli/command_table.hpp"
#include "cli/option_table.hpp"
#include "profile/desired.hpp"
#include "profile/profile_search.hpp"
#include "support/markdown.hpp"
#include "support/shell.hpp"

using namespace twctl;
using twctl::test::file_content;
using twctl::test::in_backquotes;
using twctl::test::Row;

namespace {

using Names = std::set<std::string>;

std::string contract() { return file_content(TWCTL_SOURCE_DIR "/docs/contract.md"); }

std::vector<Row> table(std::string_view first) { return test::table(contract(), first); }

Names codes_of_program() {
  Names codes{std::to_string(kDone), std::to_string(kChanges), std::to_string(kFound)};
  for (auto code = ErrorCode::failed;; code = static_cast<ErrorCode>(static_cast<int>(code) + 1)) {
    codes.insert(std::to_string(exit_status(code)));
    if (code == ErrorCode::interrupted) return codes;
  }
}

// "plan, apply", in the order in which help lists the commands; "all".
std::string commands_with(const OptionRow& option) {
  if (option.commands == kEveryCommand) return "all";
  std::vector<std::string> names;
  for (const CommandRow& row : command_rows())
    if (takes(row.command, option)) names.emplace_back(row.name);
  return join(names, ", ");
}

// "`--help`, `-h`", "`--set KEY=VALUE`"
std::string written(const OptionRow& option) {
  const std::string value = option.value.empty() ? "" : " " + std::string(option.value);
  const std::string alias = option.alias.empty() ? "" : ", `" + std::string(option.alias) + "`";
  return "`" + std::string(option.name) + value + "`" + alias;
}

// The members of a document, without the two that each has.
Names members_of_schema(const std::string& file) {
  const auto schema = nlohmann::json::parse(file_content(TWCTL_SOURCE_DIR "/docs/" + file));
  Names names;
  const auto properties = schema.value("properties", nlohmann::json::object());
  for (const auto& [name, ignored] : properties.items())
    if (name != "format_version" && name != "command") names.insert(name);
  return names;
}

// "schema/plan.schema.json" of "[plan](schema/plan.schema.json)"
std::string target_of_link(const std::string& cell) {
  const std::size_t begin = cell.find('(') + 1;
  return cell.substr(begin, cell.find(')') - begin);
}

}  // namespace

TEST_CASE("contract.md names everybody who is looked at for what boot files do not set") {
  const auto names = [](std::string_view heading) {
    std::vector<std::string> cells;
    for (const Row& row : table(heading)) cells.push_back(row[0]);
    return cells;
  };
  const auto list = [](std::span<const std::string_view> writers) {
    return std::vector<std::string>(writers.begin(), writers.end());
  };
  CHECK(names("at every boot, after the boot files") == list(sure_writers()));
  CHECK(names("at times, or under conditions, that are not known") == list(possible_writers()));
}

TEST_CASE("contract.md has the exit codes of exit_status.hpp, and `explain exit-codes` has them too") {
  Names written_codes;
  for (const Row& row : table("code"))
    CHECK_MESSAGE(written_codes.insert(row[0]).second, row[0], " stands there twice");
  CHECK(written_codes == codes_of_program());
  const auto page = test::shell(TWCTL_PROGRAM " explain exit-codes");
  for (const std::string& code : codes_of_program()) CHECK(page.output.find("\n  " + code + " ") != std::string::npos);
}

TEST_CASE("exit-codes.md says of each exit code of the program what a script does with it, and of no other") {
  Names found;
  for (const Row& row : test::table(file_content(TWCTL_SOURCE_DIR "/docs/exit-codes.md"), "code")) {
    found.insert(row[0]);
    CHECK_MESSAGE(row.size() == 4, "the row of ", row[0]);
  }
  CHECK(found == codes_of_program());
}

TEST_CASE("contract.md has each command of the program, with its operands, and which of them change the host") {
  const Names changing{"apply", "confirm", "rollback", "recover"};
  std::vector<Row> expected;
  for (const CommandRow& row : command_rows()) {
    const std::string operands = row.operands.empty() ? "" : " " + std::string(row.operands);
    expected.push_back(
        {"`" + std::string(row.name) + operands + "`", changing.contains(std::string(row.name)) ? "yes" : "no"});
  }
  std::vector<Row> found;
  for (const Row& row : test::table(test::section(contract(), "Commands"), "command"))
    found.push_back({row[0], row[2]});
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  CHECK(found == expected);
}

TEST_CASE("contract.md has each option of the program, with its value and the commands that take it") {
  std::vector<Row> expected;
  for (const OptionRow& option : option_rows()) expected.push_back({written(option), commands_with(option)});
  std::vector<Row> found;
  for (const Row& row : table("option")) found.push_back({row[0], row[1]});
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  CHECK(found == expected);
}

TEST_CASE("contract.md speaks of no option that the program lacks") {
  for (const std::string& text : in_backquotes(contract())) {
    if (!text.starts_with("--") || text == "--") continue;
    const std::string name = text.substr(0, text.find_first_of(" ="));
    CHECK_MESSAGE((find_option(name) != nullptr || name == "--name"), "contract.md speaks of ", text);
  }
}

TEST_CASE("contract.md has each hazard, and which of them block") {
  Names expected;
  for (const auto& row : hazard_rows()) expected.insert(std::string(row.id) + (row.blocks ? " yes" : " no"));
  Names found;
  for (const Row& row : table("hazard")) found.insert(in_backquotes(row[0]).at(0) + " " + row[2]);
  CHECK(found == expected);
}

TEST_CASE("contract.md has each built-in profile") {
  Names expected;
  for (const BuiltinProfile& profile : builtin_profiles()) expected.emplace(profile.name);
  Names found;
  for (const Row& row : table("profile")) found.insert(in_backquotes(row[0]).at(0));
  CHECK(found == expected);
}

TEST_CASE("contract.md has the top-level members of each document, and a row for each schema") {
  Names schemas;
  for (const Row& row : test::table(test::section(contract(), "JSON"), "command")) {
    const std::string file = target_of_link(row[1]);
    CAPTURE(file);
    schemas.insert(file.substr(file.rfind('/') + 1));
    Names members;
    for (const std::string& name : in_backquotes(row[2])) members.insert(name);
    CHECK(members == members_of_schema(file));
  }
  Names published;
  for (const auto& entry : std::filesystem::directory_iterator(TWCTL_SOURCE_DIR "/docs/schema"))
    published.insert(entry.path().filename().string());
  CHECK(schemas == published);
}
